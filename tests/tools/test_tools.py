# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of tools/ find what they are for, in small made-up trees, and leave a good tree alone."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPDX = ("/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
        "/* SPDX-FileCopyrightText: 2026 The G20 authors */\n")


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run_tool(self, name, *args, env=None):
        program = [str(ROOT / "tools" / name)]
        if name.endswith(".py"):
            program.insert(0, "/usr/bin/python3")
        run = subprocess.run(program + [str(a) for a in args], capture_output=True, text=True,
                             env=env, timeout=60)
        return run.returncode, run.stdout + run.stderr


class Help(Tree):
    def test_every_tool_explains_itself(self):
        for path in sorted((ROOT / "tools").iterdir()):
            if path.suffix in (".py", ".sh") and os.access(path, os.X_OK):
                status, text = self.run_tool(path.name, "--help")
                self.assertIn("usage", text.lower(), path.name)
                self.assertIn(status, (0, 64), path.name)


class CheckIncludes(Tree):
    def test_a_header_from_the_right_is_a_fault(self):
        self.write("src/dsp/a.c", '#include "engine/hub.h"\n')
        status, text = self.run_tool("check_includes.py", self.root)
        self.assertEqual(status, 1)
        self.assertIn("dsp must not include engine", text)

    def test_a_header_from_the_same_column_is_a_fault(self):
        self.write("src/source/a.c", '#include "detect/emission.h"\n')
        self.assertEqual(self.run_tool("check_includes.py", self.root)[0], 1)

    def test_a_folder_without_a_column_is_a_fault(self):
        self.write("src/misc/a.c", "")
        self.assertEqual(self.run_tool("check_includes.py", self.root)[0], 1)

    def test_an_empty_tree_is_a_fault(self):
        self.assertEqual(self.run_tool("check_includes.py", self.root)[0], 1)

    def test_headers_from_the_left_are_fine(self):
        self.write("src/engine/a.c", '#include "base/err.h"\n#include "engine/b.h"\n#include <math.h>\n')
        self.assertEqual(self.run_tool("check_includes.py", self.root)[0], 0)


class CheckSource(Tree):
    def fault(self, body, name="src/dsp/a.c"):
        self.write(name, SPDX + body)
        return self.run_tool("check_source.py", self.root)

    def test_banned_calls_are_faults(self):
        for call in ("malloc(3)", "free(p)", "strcpy(a, b)", "sprintf(a, b)", "atoi(a)", "exit(1)",
                     "printf(a)", "strtok(a, b)", "rand()", "sscanf(a, b)"):
            status, text = self.fault(f"int f(void)\n{{\n    return {call};\n}}\n")
            self.assertEqual(status, 1, call)
            self.assertIn("a.c:5", text, call)

    def test_names_that_only_contain_one_are_fine(self):
        status, text = self.fault('/* free(p) */ int f(void)\n{\n    g20_free(p);\n    p->free(q);\n'
                                  '    snprintf(a, n, "printf(%d)", 1);\n}\n'
                                  "void g(void) __attribute__((format(printf, 1, 2)));\n")
        self.assertEqual(status, 0, text)

    def test_the_allocator_itself_may_call_malloc(self):
        self.assertEqual(self.fault("void *f(void)\n{\n    return malloc(3);\n}\n",
                                    "src/base/alloc.c")[0], 0)

    def test_a_missing_licence_line_is_a_fault(self):
        self.write("src/dsp/a.c", "int x;\n")
        self.assertEqual(self.run_tool("check_source.py", self.root)[0], 1)

    def test_a_promise_without_an_issue_is_a_fault(self):
        self.assertEqual(self.fault("/* TO" "DO: finish */\n")[0], 1)
        self.assertEqual(self.fault("/* TO" "DO(#12): finish */\n")[0], 0)

    def test_a_very_long_file_needs_a_reason(self):
        self.assertEqual(self.fault("int x;\n" * 601)[0], 1)
        self.assertEqual(self.fault("/* Long because it is a table. */\n" + "int x;\n" * 601)[0], 0)


class CheckTests(Tree):
    def good(self):
        self.write("src/dsp/a.c", "")
        self.write("tests/dsp/test_a.c", "")
        self.write("tests/dsp/meson.build", "foreach name : ['a']\n")
        self.write("fuzz/fuzz_p.c", "")
        self.write("fuzz/meson.build", "'p': dsp_dep,\n")
        self.write("fuzz/corpus/p/seed", "x")

    def expect(self, status, words):
        got, text = self.run_tool("check_tests.py", self.root)
        self.assertEqual(got, status, text)
        self.assertIn(words, text)

    def test_a_complete_tree_is_fine(self):
        self.good()
        self.expect(0, "0 faults")

    def test_a_module_without_a_test_is_a_fault(self):
        self.good()
        self.write("src/dsp/b.c", "")
        self.expect(1, "src/dsp/b.c: no tests/dsp/test_b.c")

    def test_an_excuse_needs_a_reason_and_an_object(self):
        self.good()
        self.write("src/dsp/b.c", "")
        self.write("tests/without.txt", "src/dsp/b.c\n")
        self.expect(1, "say why")
        self.write("tests/without.txt", "src/dsp/b.c  a table\nsrc/dsp/c.c  gone\n")
        self.expect(1, "src/dsp/c.c does not exist")
        self.write("tests/without.txt", "src/dsp/a.c  has one\nsrc/dsp/b.c  a table\n")
        self.expect(1, "drop the line")

    def test_a_test_that_is_never_built_is_a_fault(self):
        self.good()
        self.write("tests/dsp/test_z.c", "")
        self.expect(1, "test_z.c: never built")

    def test_a_fuzz_target_without_seeds_is_a_fault(self):
        self.good()
        self.write("fuzz/fuzz_q.c", "")
        self.expect(1, "no seeds")


class CiCount(Tree):
    CMOCKA = ("[==========] Running 3 test(s).\n[       OK ] a\n[==========] 3 test(s) run.\n"
              "[  PASSED  ] 1 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n"
              "[  FAILED  ] 1 test(s), listed below:\n")

    def count(self, *tests, name="unit", status=0):
        log = self.write("log.json", "".join(json.dumps(t) + "\n" for t in tests))
        counts = self.root / "counts"
        counts.unlink(missing_ok=True)
        exit_status, _ = self.run_tool("ci_count.py", "--name", name, "--status", status, log, counts)
        return exit_status, counts.read_text().strip()

    def test_cmocka_cases_are_counted_one_by_one(self):
        test = {"name": "a", "result": "FAIL", "stdout": self.CMOCKA}
        self.assertEqual(self.count(test, status=1), (1, "1 1 1"))

    def test_a_crash_and_a_hang_are_failures(self):
        self.assertEqual(self.count({"name": "a", "result": "TIMEOUT", "stdout": ""}), (1, "0 1 0"))
        self.assertEqual(self.count({"name": "a", "result": "ERROR"}), (1, "0 1 0"))

    def test_a_plain_program_is_one_case(self):
        self.assertEqual(self.count({"name": "a", "result": "OK", "stdout": "hello"}), (0, "1 0 0"))
        self.assertEqual(self.count({"name": "a", "result": "SKIP"}), (0, "0 0 1"))

    def test_no_test_at_all_is_a_failure(self):
        self.assertEqual(self.count(), (1, "0 1 0"))

    def test_a_failed_run_without_a_failed_case_is_a_failure(self):
        self.assertEqual(self.count({"name": "a", "result": "OK"}, status=1), (1, "1 1 0"))

    def test_a_rerun_is_one_check(self):
        good = {"name": "a", "result": "OK", "stdout": self.CMOCKA.replace("[  FAILED  ] 1", "")}
        self.assertEqual(self.count(good, good, name="asan"), (0, "1 0 0"))


class CheckPackages(Tree):
    def test_a_dependency_without_a_listed_package_is_a_fault(self):
        self.write("packages.txt", "[build]\nmeson  # build\n")
        self.write("meson.build", "cmocka = dependency('cmocka')\nt = dependency('threads')\n")
        status, text = self.run_tool("check_packages.py", self.root)
        self.assertEqual(status, 1)
        self.assertIn("libcmocka-dev, which packages.txt lacks", text)
        self.write("packages.txt", "[build]\nlibcmocka-dev  # unit tests\n")
        self.assertEqual(self.run_tool("check_packages.py", self.root)[0], 0)

    def test_a_package_twice_or_without_a_reason_is_a_fault(self):
        self.write("meson.build", "")
        self.write("packages.txt", "[build]\nmeson  # build\nmeson  # build\n")
        self.assertEqual(self.run_tool("check_packages.py", self.root)[0], 1)
        self.write("packages.txt", "[build]\nmeson\n")
        self.assertEqual(self.run_tool("check_packages.py", self.root)[0], 1)


class InstallPackages(Tree):
    def test_it_says_what_is_missing_and_takes_a_command_for_a_package(self):
        tools = self.root / "tools"
        tools.mkdir()
        script = tools / "install_packages.sh"
        script.write_text((ROOT / "tools" / "install_packages.sh").read_text())
        self.write("packages.txt", "# list\n[test]\nno-such-package-b\n[build]\n"
                                   "no-such-package-a sh  # sh is there\nno-such-package-c\n")
        run = subprocess.run(["sh", str(script), "--check", "build"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn("missing: no-such-package-c", run.stdout)
        run = subprocess.run(["sh", str(script), "--check", "all"], capture_output=True, text=True)
        self.assertIn("missing: no-such-package-b no-such-package-c", run.stdout)


if __name__ == "__main__":
    unittest.main()
