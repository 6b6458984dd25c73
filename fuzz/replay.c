/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* replay: runs one fuzz target over the files of the folders named as arguments, without
 * libFuzzer, so that seeds and past crashes are tested by every compiler on every run.
 * A folder that does not exist counts as empty; no file at all is a failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES (1L << 20) /* a seed is small; larger ones are a mistake in the corpus */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = f ? malloc(MAX_BYTES) : NULL;
    size_t n = bytes ? fread(bytes, 1, MAX_BYTES, f) : 0;
    int r = -1;

    if (!bytes || ferror(f) || n == MAX_BYTES) {
        fprintf(stderr, "replay: cannot read %s, or it is over 1 MiB\n", path);
    } else {
        /* An exact copy, so that the address sanitizer sees a read past the end. */
        uint8_t *exact = malloc(n ? n : 1);
        if (exact) {
            memcpy(exact, bytes, n);
            LLVMFuzzerTestOneInput(exact, n);
            r = 0;
        }
        free(exact);
    }
    free(bytes);
    if (f)
        fclose(f);
    return r;
}

int main(int argc, char **argv)
{
    int files = 0;

    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        const struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
            char path[4096];

            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
            if (replay(path) < 0)
                return EXIT_FAILURE;
            files++;
        }
        if (dir)
            closedir(dir);
    }
    printf("replayed %d files\n", files);
    return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
