/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The transform against its definition and its theorems, and the plan cache against misfortune. */
#include "dsp/fft.h"
#include "dsp/fft_plans.h"
#include "dsp/wisdom.h"
#include "signals.h"

#include <errno.h>
#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 256, MOST = 8192 };

static struct g20_rng rng;
static float complex *a, *b, *fa, *fb; /* (MOST) aligned */

static struct g20_fft *fft(uint32_t n, enum g20_fft_dir dir, const char *dir_name)
{
    struct g20_fft *f = NULL;
    struct g20_err e = {0};

    if (g20_fft_create(&f, n, dir, dir_name, &e) < 0)
        fail_msg("%s", e.msg);
    return f;
}

static void fill(float complex *x, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const double re = g20_rng_normal(&rng);
        x[i] = (float complex)(re + I * g20_rng_normal(&rng));
    }
}

static void check_close(const float complex *x, const float complex *want, uint32_t n, double tol)
{
    for (uint32_t i = 0; i < n; i++)
        assert_true(cabs((double complex)x[i] - (double complex)want[i]) <= tol);
}

static void transform_equals_the_definition_in_double(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {2, 3, 8, 60, 64, 97, 256};

    for (size_t s = 0; s < G20_COUNT_OF(sizes); s++) {
        for (int dir = -1; dir <= 1; dir += 2) {
            const uint32_t n = sizes[s];
            struct g20_fft *f = fft(n, (enum g20_fft_dir)dir, NULL);

            fill(a, n);
            memcpy(b, a, n * sizeof(*a));
            g20_fft_execute(f, a, fa);
            assert_memory_equal(a, b, n * sizeof(*a)); /* the input is left alone */
            for (uint32_t k = 0; k < n; k++) {
                double complex want = 0;
                for (uint32_t t = 0; t < n; t++)
                    want += (double complex)a[t] * cexp(dir * 2 * I * M_PI * (k * t % n) / n);
                assert_true(cabs((double complex)fa[k] - want) < 1e-5 * n);
            }
            g20_fft_destroy(f);
        }
    }
}

static void linearity_holds(void **state)
{
    (void)state;
    struct g20_fft *f = fft(N, G20_FFT_FORWARD, NULL);

    for (int turn = 0; turn < 50; turn++) {
        const float p = (float)g20_rng_range(&rng, -2, 2), q = (float)g20_rng_range(&rng, -2, 2);
        fill(a, N);
        fill(b, N);
        g20_fft_execute(f, a, fa);
        g20_fft_execute(f, b, fb);
        for (int i = 0; i < N; i++) {
            fa[i] = p * fa[i] + q * fb[i];
            a[i] = p * a[i] + q * b[i];
        }
        g20_fft_execute(f, a, fb);
        check_close(fb, fa, N, 2e-4);
    }
    g20_fft_destroy(f);
}

static void a_delay_turns_the_phase(void **state)
{
    (void)state;
    struct g20_fft *f = fft(N, G20_FFT_FORWARD, NULL);

    for (int turn = 0; turn < 50; turn++) {
        const uint32_t d = (uint32_t)g20_rng_below(&rng, N);
        fill(a, N);
        for (uint32_t i = 0; i < N; i++)
            b[(i + d) % N] = a[i];
        g20_fft_execute(f, a, fa);
        g20_fft_execute(f, b, fb);
        for (uint32_t k = 0; k < N; k++)
            fa[k] *= (float complex)cexp(-2 * I * M_PI * (k * d % N) / N);
        check_close(fb, fa, N, 2e-4);
    }
    g20_fft_destroy(f);
}

static void energy_is_kept_and_the_inverse_restores_the_samples(void **state)
{
    (void)state;
    for (uint32_t n = 64; n <= 4096; n *= 4) {
        struct g20_fft *f = fft(n, G20_FFT_FORWARD, NULL), *i = fft(n, G20_FFT_INVERSE, NULL);
        double before = 0, after = 0;

        fill(a, n);
        g20_fft_execute(f, a, fa);
        g20_fft_execute(i, fa, b);
        for (uint32_t k = 0; k < n; k++) {
            before += (double)(crealf(a[k]) * crealf(a[k]) + cimagf(a[k]) * cimagf(a[k]));
            after += (double)(crealf(fa[k]) * crealf(fa[k]) + cimagf(fa[k]) * cimagf(fa[k])) / n;
            b[k] /= (float)n;
        }
        assert_float_equal(after / before, 1.0, 1e-5); /* Parseval */
        check_close(b, a, n, 1e-5);
        g20_fft_destroy(f);
        g20_fft_destroy(i);
    }
}

/* Sizes that have chosen plans, and others; against the definition at some places. */
static void plans_that_are_not_timed_transform_right(void **state)
{
    (void)state;
    for (uint32_t n = 8; n <= MOST; n *= 2)
        for (int dir = -1; dir <= 1; dir += 2) {
            struct g20_fft *f = fft(n, (enum g20_fft_dir)dir, NULL);

            fill(a, n);
            g20_fft_execute(f, a, fa);
            for (uint32_t turn = 0; turn < 16; turn++) {
                const uint32_t k = (uint32_t)g20_rng_below(&rng, n);
                double complex want = 0;
                for (uint64_t t = 0; t < n; t++)
                    want +=
                        (double complex)a[t] * cexp(dir * 2 * I * M_PI * (double)(k * t % n) / n);
                assert_true(cabs((double complex)fa[k] - want) < 1e-5 * sqrt(n));
            }
            g20_fft_destroy(f);
        }
}

/* They are for FFTW as Debian 12 has it, on x86-64 with AVX: there none may be refused. */
static void chosen_plans_are_taken(void **state)
{
    (void)state;
    bool is_theirs = strstr(fftwf_version, "fftw-3.3.10") != NULL;
#ifdef __x86_64__
    is_theirs = is_theirs && __builtin_cpu_supports("avx");
#else
    is_theirs = false;
#endif
    if (!is_theirs)
        skip();
    fftwf_forget_wisdom();
    assert_int_equal(fftwf_import_wisdom_from_string(g20_fft_plans), 1);
    for (uint32_t n = 32; n <= MOST; n *= 2)
        for (int dir = -1; dir <= 1; dir += 2) {
            fftwf_plan plan =
                fftwf_plan_dft_1d((int)n, a, fa, dir, FFTW_MEASURE | FFTW_WISDOM_ONLY);
            assert_non_null(plan);
            fftwf_destroy_plan(plan);
        }
}

/* A folder of this test's own, with its one file's path. */
static char folder[64], file[160];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/g20-test-fft-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    char name[64];
    g20_wisdom_name(name, sizeof(name), 64, -1);
    snprintf(file, sizeof(file), "%s/cache/plans/%s", folder, name);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[200];

    unlink(file);
    rmdir(file); /* where a test made it a folder */
    snprintf(path, sizeof(path), "%s/cache/plans", folder);
    chmod(path, 0700);
    rmdir(path);
    snprintf(path, sizeof(path), "%s/cache", folder);
    unlink(path);
    rmdir(path);
    return rmdir(folder);
}

/* Create and use a 64-point transform with the cache in folder/cache/plans. */
static void create_with_cache_works(void)
{
    char dir[128];

    snprintf(dir, sizeof(dir), "%s/cache/plans", folder);
    struct g20_fft *f = fft(64, G20_FFT_FORWARD, dir);
    memset(a, 0, 64 * sizeof(*a));
    a[1] = 1;
    g20_fft_execute(f, a, fa);
    for (int k = 0; k < 64; k++)
        assert_true(fabs(cabs((double complex)fa[k]) - 1) < 1e-5);
    g20_fft_destroy(f);
}

static size_t read_file(char *text, size_t cap)
{
    FILE *f = fopen(file, "re");

    assert_non_null(f);
    const size_t n = fread(text, 1, cap - 1, f);
    fclose(f);
    text[n] = '\0';
    return n;
}

static void write_file(const char *text, size_t n)
{
    FILE *f = fopen(file, "we");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void a_plan_is_remembered_and_used_again(void **state)
{
    (void)state;
    char first[8192], second[8192];
    struct stat before, after;

    create_with_cache_works(); /* makes the folders too */
    read_file(first, sizeof(first));
    assert_non_null(strstr(first, "G20 FFT plan v1 "));
    assert_non_null(strstr(first, "fftw"));
    assert_int_equal(stat(file, &before), 0);
    create_with_cache_works();
    read_file(second, sizeof(second));
    assert_string_equal(second, first);
    assert_int_equal(stat(file, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino); /* not written again, so it was taken */
}

static void a_damaged_file_is_not_used_and_is_replaced(void **state)
{
    (void)state;
    char good[8192], bad[8192], now[8192];

    create_with_cache_works();
    const size_t n = read_file(good, sizeof(good));
    for (size_t at = 0; at < n; at += 1 + n / 12) { /* a byte changed; cut off there */
        for (int how = 0; how < 2; how++) {
            memcpy(bad, good, n);
            bad[at] = (char)(bad[at] ^ 0x15);
            write_file(bad, how == 0 ? n : at);
            create_with_cache_works();
            read_file(now, sizeof(now));
            assert_non_null(strstr(now, "G20 FFT plan v1 "));
            assert_memory_not_equal(now, bad, how == 0 ? n : at + 1);
        }
    }
}

static void files_that_are_something_else_are_refused_by_their_reason(void **state)
{
    (void)state;
    char dir[128], name[64], text[4096];
    static char large[8192];

    create_with_cache_works();
    snprintf(dir, sizeof(dir), "%s/cache/plans", folder);
    g20_wisdom_name(name, sizeof(name), 64, -1);
    assert_int_equal(g20_wisdom_load(dir, "none", "v", text, sizeof(text)), -ENOENT);
    assert_int_equal(g20_wisdom_load(dir, name, "another version", text, sizeof(text)),
                     G20_EVERSION);
    write_file("", 0);
    assert_int_equal(g20_wisdom_load(dir, name, "v", text, sizeof(text)), G20_EFORMAT);
    memset(large, 'x', sizeof(large));
    write_file(large, sizeof(large));
    assert_int_equal(g20_wisdom_load(dir, name, "v", text, sizeof(text)), G20_EFORMAT);
    write_file("\0\0\0", 3);
    assert_int_equal(g20_wisdom_load(dir, name, "v", text, sizeof(text)), G20_EFORMAT);
    assert_int_equal(g20_wisdom_save(dir, name, "v", "wisdom\n"), 0);
    assert_int_equal(g20_wisdom_load(dir, name, "v", text, sizeof(text)), 0);
    assert_string_equal(text, "wisdom\n");
    memset(large, 'd', 5000);
    large[5000] = '\0';
    assert_int_equal(g20_wisdom_save(large, name, "v", "w"), -ENAMETOOLONG);
    assert_int_equal(g20_wisdom_load(large, name, "v", text, sizeof(text)), -ENAMETOOLONG);
}

static void wisdom_with_a_right_checksum_but_no_sense_falls_back(void **state)
{
    (void)state;
    char dir[128], name[64], text[8192];
    struct g20_fft *f;

    create_with_cache_works();
    read_file(text, sizeof(text));
    char *version = strchr(text, '\n') + 1;
    *strchr(version, '\n') = '\0';
    snprintf(dir, sizeof(dir), "%s/cache/plans", folder);
    g20_wisdom_name(name, sizeof(name), 64, -1);
    assert_int_equal(g20_wisdom_save(dir, name, version, "(fftw-3.3 nonsense (#xffff"), 0);
    f = fft(64, G20_FFT_FORWARD, dir);
    g20_fft_destroy(f);
    create_with_cache_works();
}

static void a_cache_that_cannot_be_made_or_written_only_costs_time(void **state)
{
    (void)state;
    char path[128];
    const int64_t live = g20_alloc_live();

    snprintf(path, sizeof(path), "%s/cache", folder); /* a file where the folder should be */
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fclose(f);
    create_with_cache_works();
    unlink(path);

    create_with_cache_works();
    unlink(file);
    assert_int_equal(mkdir(file, 0700), 0); /* a folder where the file should be */
    create_with_cache_works();
    g20_fft_destroy(fft(64, G20_FFT_FORWARD, "/proc/no-such-place"));
    assert_int_equal(g20_alloc_live(), live);
}

static void bad_sizes_are_refused(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 1048577};

    for (size_t i = 0; i < G20_COUNT_OF(sizes); i++) {
        struct g20_fft *f = NULL;
        struct g20_err e = {0};
        assert_int_equal(g20_fft_create(&f, sizes[i], G20_FFT_FORWARD, NULL, &e), -EINVAL);
        assert_null(f);
        assert_non_null(strstr(e.msg, "2..1048576"));
    }
}

/* Planned from nothing it would take tries of milliseconds each, and leave its wisdom. */
static void planning_ends_between_two_tries_when_cancelled(void **state)
{
    (void)state;
    const int64_t live = g20_alloc_live();
    struct g20_cancel cancel = {0};
    struct g20_fft *f = NULL;
    struct g20_err e = {0};
    char dir[128];

    snprintf(dir, sizeof(dir), "%s/cache/plans", folder);
    g20_cancel(&cancel);
    assert_int_equal(g20_fft_create_unless(&f, 64, G20_FFT_FORWARD, dir, &cancel, &e), -ECANCELED);
    assert_null(f);
    assert_non_null(strstr(e.msg, "64 points"));
    assert_int_equal(g20_alloc_live(), live);
    assert_int_equal(access(file, F_OK), -1);
    /* An estimate is not worth stopping. */
    assert_int_equal(g20_fft_create_unless(&f, 64, G20_FFT_FORWARD, NULL, &cancel, &e), 0);
    g20_fft_destroy(f);
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    const int64_t live = g20_alloc_live();

    for (unsigned nth = 0; nth < 100; nth++) {
        struct g20_fft *f = NULL;

        g20_alloc_fail_at(nth);
        const int r = g20_fft_create(&f, 64, G20_FFT_FORWARD, NULL, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);

        assert_true(r == 0 || (r == -ENOMEM && f == NULL));
        g20_fft_destroy(f);
        assert_int_equal(g20_alloc_live(), live);
        if (r == 0)
            return;
    }
    fail_msg("create() never succeeded");
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transform_equals_the_definition_in_double),
        cmocka_unit_test(linearity_holds),
        cmocka_unit_test(a_delay_turns_the_phase),
        cmocka_unit_test(energy_is_kept_and_the_inverse_restores_the_samples),
        cmocka_unit_test(plans_that_are_not_timed_transform_right),
        cmocka_unit_test(chosen_plans_are_taken),
        WITH_FOLDER(a_plan_is_remembered_and_used_again),
        WITH_FOLDER(a_damaged_file_is_not_used_and_is_replaced),
        WITH_FOLDER(files_that_are_something_else_are_refused_by_their_reason),
        WITH_FOLDER(wisdom_with_a_right_checksum_but_no_sense_falls_back),
        WITH_FOLDER(a_cache_that_cannot_be_made_or_written_only_costs_time),
        cmocka_unit_test(bad_sizes_are_refused),
        WITH_FOLDER(planning_ends_between_two_tries_when_cancelled),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };

    g20_rng_init(&rng, 70);
    a = g20_calloc_aligned(MOST, sizeof(*a));
    b = g20_calloc_aligned(MOST, sizeof(*b));
    fa = g20_calloc_aligned(MOST, sizeof(*fa));
    fb = g20_calloc_aligned(MOST, sizeof(*fb));
    if (!a || !b || !fa || !fb)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    g20_free(a);
    g20_free(b);
    g20_free(fa);
    g20_free(fb);
    return failed;
}
