/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Recordings played through the driver "file": what comes out against what was written. */
#include "source/source.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <glob.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { CAP = 1000 };

static char folder[32];
static struct g20_pool *pool;

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/g20-src-XXXXXX");
    return mkdtemp(folder) && g20_pool_create(&pool, 3, CAP) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
    char command[64];

    (void)state;
    g20_pool_destroy(pool);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

/* The path of @name in the test's folder; static, for the next call to overwrite. */
static const char *at(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const void *data, size_t n)
{
    FILE *f = fopen(at(name), "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    fclose(f);
}

static void put_text(const char *name, const char *text)
{
    put(name, text, strlen(text));
}

static struct g20_source *open_ok(struct g20_source_cfg cfg)
{
    struct g20_source *s = NULL;
    struct g20_err e = {0};

    cfg.driver = "file";
    if (g20_source_open(&s, &cfg, &e) < 0)
        fail_msg("%s", e.msg);
    return s;
}

/* Opening @args must fail with a message that holds @part. */
static void refused(const char *args, const char *part)
{
    struct g20_source *s = NULL;
    struct g20_err e = {0};
    const struct g20_source_cfg cfg = {.driver = "file", .args = args};

    assert_true(g20_source_open(&s, &cfg, &e) < 0);
    assert_null(s);
    if (!strstr(e.msg, part))
        fail_msg("\"%s\" lacks \"%s\"", e.msg, part);
}

static void segments_keep_numbers_times_and_frequencies_and_are_never_joined(void **state)
{
    (void)state;
    /* 3 bytes of header, 1500 samples, 4 bytes of header, 700 samples, 2 bytes behind. */
    unsigned char data[3 + 3000 + 4 + 1400 + 2];
    struct g20_block *b = g20_pool_get(pool, 0);
    static const struct {
        uint32_t len, flags;
        uint64_t first, time_us;
        double center_hz;
    } want[] = {
        {1000, 0, 0, 1000000, 1e8},
        {500, 0, 1000, 1001000, 1e8},
        {700, G20_BLOCK_NEW_SEGMENT | G20_BLOCK_RETUNED, 1500, 9000000, 2e8},
        {1000, G20_BLOCK_NEW_SEGMENT | G20_BLOCK_RETUNED, 2200, 9000700, 1e8}, /* second pass */
    };

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i * 7 >> 2);
    put("seg.bin", data, sizeof(data));
    put_text("seg.sigmf-meta",
             "{\"global\":{\"core:datatype\":\"cu8\",\"core:sample_rate\":1e6,"
             "\"core:dataset\":\"seg.bin\",\"core:trailing_bytes\":2},\"captures\":["
             "{\"core:sample_start\":0,\"core:frequency\":1e8,\"core:header_bytes\":3,"
             "\"core:datetime\":\"1970-01-01T00:00:01Z\"},"
             "{\"core:sample_start\":1500,\"core:frequency\":2e8,\"core:header_bytes\":4,"
             "\"core:datetime\":\"1970-01-01T00:00:09Z\"}]}");
    struct g20_source *s = open_ok((struct g20_source_cfg){.args = at("seg"), .loop = true});
    for (size_t i = 0; i < G20_COUNT_OF(want); i++) {
        assert_int_equal(g20_source_read(s, b, 0, NULL), want[i].len);
        assert_int_equal(b->flags, want[i].flags);
        assert_int_equal(b->first_sample, want[i].first);
        assert_int_equal(b->time_us, want[i].time_us);
        assert_true(b->center_hz == want[i].center_hz);
        const size_t from = i == 2 ? 3 + 3000 + 4 : i == 1 ? 3 + 2000 : 3;
        assert_memory_equal(b->data, data + from, want[i].len * 2);
    }
    g20_source_close(s);
    g20_block_unref(&b);
}

static void one_of_several_channels_is_played_and_floats_are_cleaned(void **state)
{
    (void)state;
    float x[300 * 4];
    struct g20_block *b = g20_pool_get(pool, 0);
    char args[256];

    for (int i = 0; i < 300 * 4; i++)
        x[i] = (float)i;
    x[4 * 7 + 3] = NAN; /* of channel 1 */
    put("two.sigmf-data", x, sizeof(x));
    put_text("two.sigmf-meta",
             "{\"global\":{\"core:datatype\":\"cf32_le\",\"core:sample_rate\":1,"
             "\"core:num_channels\":2},\"captures\":[{\"core:sample_start\":0}]}");
    snprintf(args, sizeof(args), "%s,channel=1", at("two.sigmf-meta"));
    struct g20_source *s = open_ok((struct g20_source_cfg){.args = args});
    assert_int_equal(g20_source_read(s, b, 0, NULL), 300);
    for (int i = 0; i < 300; i++) {
        assert_true(((float *)b->data)[2 * i] == (i == 7 ? 0 : x[4 * i + 2]));
        assert_true(((float *)b->data)[2 * i + 1] == (i == 7 ? 0 : x[4 * i + 3]));
    }
    assert_int_equal(g20_source_info(s)->bad_samples, 1);
    assert_int_equal(g20_source_read(s, b, 0, NULL), 0);
    g20_source_close(s);
    g20_block_unref(&b);
    snprintf(args, sizeof(args), "%s,channel=2", at("two.sigmf-meta"));
    refused(args, "global.core:num_channels is 2");
}

static void real_samples_give_as_many_analytic_ones(void **state)
{
    (void)state;
    int16_t x[4321];
    struct g20_block *b = g20_pool_get(pool, 0);
    char args[256];
    int n, total = 0;

    for (int i = 0; i < 4321; i++)
        x[i] = (int16_t)lrint(16384 * cos(2 * M_PI * 0.1 * i));
    put("real.iq", x, sizeof(x));
    snprintf(args, sizeof(args), "%s,format=ri16_le,rate=10k", at("real.iq"));
    struct g20_source *s = open_ok((struct g20_source_cfg){.args = args});
    while ((n = g20_source_read(s, b, 0, NULL)) > 0) {
        assert_int_equal(b->first_sample, total);
        for (int i = 0; i < n; i++) {
            const double p = 2 * M_PI * 0.1 * (total + i);
            if (total + i < 300 || total + i > 4000)
                continue;
            assert_true(fabs((double)((float *)b->data)[2 * i] - 0.5 * cos(p)) < 1e-4);
            assert_true(fabs((double)((float *)b->data)[2 * i + 1] - 0.5 * sin(p)) < 4e-4);
        }
        total += n;
    }
    assert_int_equal(total, 4321);
    g20_source_close(s);
    g20_block_unref(&b);
}

static void a_wav_of_sdrsharp_plays_with_rate_frequency_and_time(void **state)
{
    (void)state;
    unsigned char w[44 + 400] =
        "RIFF\xb4\x01\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1f\0\0\0\x7d\0\0"
        "\x04\0\x10\0data\x90\x01\0\0";
    struct g20_block *b = g20_pool_get(pool, 0);
    const char *name = "SDRSharp_20200101_120000Z_433920000Hz_IQ.wav";

    for (int i = 0; i < 400; i++)
        w[44 + i] = (unsigned char)i;
    put(name, w, sizeof(w));
    struct g20_source *s = open_ok((struct g20_source_cfg){.args = at(name)});
    assert_int_equal(g20_source_read(s, b, 0, NULL), 100);
    assert_int_equal(b->format, G20_CI16);
    assert_memory_equal(b->data, w + 44, 400);
    assert_true(b->rate_hz == 8000 && b->center_hz == 433920000);
    assert_int_equal(b->time_us, 1577880000000000);
    g20_source_close(s);
    g20_block_unref(&b);
    put("cut.wav", w, sizeof(w) - 2);
    refused(at("cut.wav"), "data: announces 400 bytes, the file has 398");
    put("short.wav", w, 30);
    refused(at("short.wav"), "fmt");
}

static void pacing_follows_the_clock_and_respects_the_timeout(void **state)
{
    (void)state;
    char data[2 * 20 * CAP] = "", args[256];
    struct g20_block *b = g20_pool_get(pool, 0);
    int n, total = 0;

    put("g_433.92M_100k.cu8", data, sizeof(data));
    snprintf(args, sizeof(args), "%s", at("g_433.92M_100k.cu8"));
    struct g20_source *s = open_ok((struct g20_source_cfg){.args = args, .realtime = true});
    g20_sleep_ns(3000000); /* who opens it may still have other things to do */
    const uint64_t begin = g20_clock_mono_ns(), begin_us = g20_clock_utc_us();
    assert_int_equal(g20_source_read(s, b, 1, NULL), -ETIMEDOUT); /* due after 10 ms */
    while ((n = g20_source_read(s, b, 1000, NULL)) > 0) {
        assert_true(total > 0 || b->time_us >= begin_us); /* it plays from now on */
        total += n;
    }
    /* 20 blocks of 10 ms. Never early; how late depends on the machine, so that is not judged. */
    assert_int_equal(total, 20 * CAP);
    assert_true(g20_clock_mono_ns() - begin >= 199000000u);
    g20_source_close(s);
    g20_block_unref(&b);
}

static void broken_files_get_an_error_that_names_them(void **state)
{
    (void)state;
    char args[256];
    static const char meta[] =
        "{\"global\":{\"core:datatype\":\"ci16_le\",\"core:sample_rate\":1e6},"
        "\"captures\":[{\"core:sample_start\":5}]}";

    put_text("bad.sigmf-meta", meta);
    refused(at("bad"), "bad.sigmf-data: No such file");
    put("bad.sigmf-data", "12345678901234567", 17);
    refused(at("bad"), "bad.sigmf-data: 17 bytes of samples are not a multiple of 4");
    put("bad.sigmf-data", "1234567890123456", 16);
    refused(at("bad"), "captures[0].core:sample_start: 5 lies beyond the 4 samples");
    put("bad.sigmf-data", "", 0);
    refused(at("bad"), "bad.sigmf-data: holds no samples");
    unlink(at("bad.sigmf-data"));
    assert_int_equal(mkdir(at("bad.sigmf-data"), 0777), 0);
    refused(at("bad"), "is a folder");
    snprintf(args, sizeof(args), "%s", at("loop.sigmf-meta"));
    assert_int_equal(symlink(args, args), 0);
    refused(args, "loop.sigmf-meta: Too many levels of symbolic links");
    put("m.sigmf-data", "12", 2);
    put_text("m.sigmf-meta",
             "{\"global\":{\"core:datatype\":\"cu8\",\"core:sample_rate\":1,\"core:metadata_only\":"
             "true},\"captures\":[{\"core:sample_start\":0}]}");
    refused(at("m"), "global.core:metadata_only");
    put_text("h.sigmf-meta",
             "{\"global\":{\"core:datatype\":\"cu8\",\"core:sample_rate\":1},\"captures\":["
             "{\"core:sample_start\":0,\"core:header_bytes\":9223372036854775807}]}");
    put("h.sigmf-data", "12", 2);
    refused(at("h"), "captures[0].core:header_bytes");
    snprintf(args, sizeof(args), "%s,format=cu8", at("m.sigmf-meta"));
    refused(args, "options format and header_bytes are not for SigMF");
    snprintf(args, sizeof(args), "%s,verify=true", at("seg.sigmf-meta"));
    refused(args, "global.core:sha512: want a hash to verify");
    refused(at("x.sigmf"), "not implemented");
    refused(at("nothing.iq"), "No such file");
    put("x.iq", "1234", 4);
    refused(at("x.iq"), "the sample format is not known");
    snprintf(args, sizeof(args), "%s,format=cu8", at("x.iq"));
    refused(args, "the sample rate is not known");
    snprintf(args, sizeof(args), "%s,frmat=cu8", at("x.iq"));
    refused(args, "unknown option \"frmat\"");
    refused("", "want a file name");
}

static void open_survives_every_failed_allocation(void **state)
{
    (void)state;
    float x[100] = {0};
    char args[256];

    put("f.iq", x, sizeof(x));
    snprintf(args, sizeof(args), "%s,format=rf32_le,rate=1k", at("f.iq"));
    const struct g20_source_cfg cfg = {.driver = "file", .args = args};
    const int64_t before = g20_alloc_live();
    for (unsigned nth = 0; nth < 50; nth++) {
        struct g20_source *s = NULL;
        g20_alloc_fail_at(nth);
        const int r = g20_source_open(&s, &cfg, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && !s));
        g20_source_close(s);
        assert_int_equal(g20_alloc_live(), before);
        if (r == 0)
            return;
    }
    fail();
}

static void every_shared_recording_gives_exactly_its_samples(void **state)
{
    (void)state;
    const char *shared = getenv("G20_SHARED");
    char pattern[512];
    struct g20_block *b;
    glob_t g = {0};

    snprintf(pattern, sizeof(pattern), "%s/data/iq/*.sigmf-meta", shared ? shared : G20_SHARED_DIR);
    if (glob(pattern, 0, NULL, &g) != 0) {
        print_message("skipped: no recordings at %s\n", pattern);
        skip();
    }
    b = g20_pool_get(pool, 0);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        char data[600];
        struct stat st;
        uint64_t total = 0;
        int n;
        snprintf(data, sizeof(data), "%.*s-data", (int)(strlen(g.gl_pathv[i]) - 5), g.gl_pathv[i]);
        assert_int_equal(stat(data, &st), 0);
        struct g20_source *s = open_ok((struct g20_source_cfg){.args = g.gl_pathv[i]});
        while ((n = g20_source_read(s, b, 0, NULL)) > 0)
            total += (uint64_t)n;
        assert_int_equal(n, 0);
        assert_int_equal(total * g20_sample_bytes(g20_source_info(s)->format), st.st_size);
        g20_source_close(s);
    }
    g20_block_unref(&b);
    globfree(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_keep_numbers_times_and_frequencies_and_are_never_joined),
        cmocka_unit_test(one_of_several_channels_is_played_and_floats_are_cleaned),
        cmocka_unit_test(real_samples_give_as_many_analytic_ones),
        cmocka_unit_test(a_wav_of_sdrsharp_plays_with_rate_frequency_and_time),
        cmocka_unit_test(pacing_follows_the_clock_and_respects_the_timeout),
        cmocka_unit_test(broken_files_get_an_error_that_names_them),
        cmocka_unit_test(open_survives_every_failed_allocation),
        cmocka_unit_test(every_shared_recording_gives_exactly_its_samples),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
