/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/stft.h"
#include "signals.h"

#include <sys/mman.h>
#include <unistd.h>

enum { MAX_FRAMES = 64 };

struct kept {
    size_t count, bins;
    float *power; /* (MAX_FRAMES, bins) */
    struct g20_frame frame[MAX_FRAMES];
};

static void keep(const struct g20_frame *f, void *user)
{
    struct kept *k = user;

    assert_true(k->count < MAX_FRAMES);
    memcpy(k->power + k->count * k->bins, f->power, k->bins * sizeof(float));
    k->frame[k->count++] = *f;
}

static void count_only(const struct g20_frame *f, void *user)
{
    (void)f;
    ++*(size_t *)user;
}

static struct kept *kept_create(size_t bins)
{
    struct kept *k = g20_calloc(1, sizeof(*k));

    assert_non_null(k);
    k->bins = bins;
    k->power = g20_calloc(bins * MAX_FRAMES, sizeof(float));
    assert_non_null(k->power);
    return k;
}

static void kept_destroy(struct kept *k)
{
    g20_free(k->power);
    g20_free(k);
}

static struct g20_stft *stft(uint32_t nfft, uint32_t hop, enum g20_window window)
{
    struct g20_stft_cfg cfg = {.nfft = nfft, .hop = hop, .window = window};
    struct g20_stft *s = NULL;
    struct g20_err e = {0};

    if (g20_stft_create(&s, &cfg, &e) < 0)
        fail_msg("%s", e.msg);
    return s;
}

static double scalloping(enum g20_window kind, uint32_t n)
{
    float *w = g20_calloc(n, sizeof(*w));

    assert_non_null(w);
    g20_window_fill(kind, w, n);
    const double loss = g20_window_scalloping_db(w, n);
    g20_free(w);
    return loss;
}

/* Level of the highest bin, and which one, for a tone of full scale at @cycles per sample. */
static double tone_reads(enum g20_sample_format format, uint32_t n, enum g20_window window,
                         double cycles, size_t *ret_bin)
{
    double complex *x = g20_calloc(n, sizeof(*x));
    struct kept *k = kept_create(n);
    struct g20_stft *s = stft(n, n, window);
    struct g20_pool *pool = NULL;

    assert_non_null(x);
    assert_int_equal(g20_pool_create(&pool, 3, n), 0);
    /* integers: 1.0 itself is one step beyond the largest code, so stay a step below */
    fill_tone(x, n, cycles, format == G20_CF32 ? 1.0 : 127.0 / 128.0);
    struct g20_block *b = make_block(pool, format, x, 0, n, 1e6);
    assert_int_equal(g20_stft_push(s, b, keep, k), 1);
    g20_block_unref(&b);

    size_t best = 0;
    for (size_t i = 1; i < n; i++) {
        if (k->power[i] > k->power[best])
            best = i;
    }
    *ret_bin = best;
    const double level = db((double)k->power[best]);
    g20_stft_destroy(s);
    g20_pool_destroy(pool);
    kept_destroy(k);
    g20_free(x);
    return level;
}

static void full_scale_tone_reads_0_dbfs_for_every_size_and_window(void **state)
{
    (void)state;
    for (uint32_t n = 64; n <= 65536; n *= 2) {
        for (int w = G20_WINDOW_RECT; w <= G20_WINDOW_FLATTOP; w++) {
            const double loss = scalloping((enum g20_window)w, n);
            size_t bin;

            double level = tone_reads(G20_CF32, n, w, 5.0 / n, &bin);
            assert_float_equal(level, 0.0, 0.001);
            if (w != G20_WINDOW_FLATTOP) /* whose neighbours are as high within 0.01 dB */
                assert_int_equal(bin, n / 2 + 5);
            level = tone_reads(G20_CF32, n, w, 5.5 / n, &bin);
            /* the image of a window's side lobe at the small sizes adds a little */
            assert_float_equal(level, -loss, n == 64 && w == G20_WINDOW_RECT ? 0.15 : 0.01);
        }
    }
}

static void tone_reads_its_level_in_every_sample_format(void **state)
{
    (void)state;
    for (int f = G20_CF32; f <= G20_CU8; f++) {
        size_t bin;
        const double level =
            tone_reads((enum g20_sample_format)f, 4096, G20_WINDOW_HANN, -700.0 / 4096, &bin);
        const double want = f == G20_CF32 ? 0.0 : 2 * 10 * log10(127.0 / 128.0);

        assert_float_equal(level, want, 0.02);
        assert_int_equal(bin, 2048 - 700);
    }
}

static void axis_runs_from_lowest_to_highest_frequency(void **state)
{
    (void)state;
    const uint32_t n = 256;

    for (int at = -128; at < 128; at++) {
        size_t bin;

        tone_reads(G20_CF32, n, G20_WINDOW_HANN, (double)at / n, &bin);
        assert_int_equal(bin, 128 + at);
    }
}

static void image_of_a_tone_stays_below_minus_100_dbfs(void **state)
{
    (void)state;
    enum { N = 1024 };
    double complex x[N];
    struct kept *k = kept_create(N);
    struct g20_stft *s = stft(N, N, G20_WINDOW_HANN);
    struct g20_pool *pool = NULL;

    assert_int_equal(g20_pool_create(&pool, 3, N), 0);
    fill_tone(x, N, 200.0 / N, 1.0);
    struct g20_block *b = make_block(pool, G20_CF32, x, 0, N, 1e6);
    assert_int_equal(g20_stft_push(s, b, keep, k), 1);
    g20_block_unref(&b);
    assert_true(k->power[N / 2 + 200] > 0.999f);
    assert_true(k->power[N / 2 - 200] < 1e-10f);
    g20_stft_destroy(s);
    g20_pool_destroy(pool);
    kept_destroy(k);
}

/* The definition, in double: P[k] = |sum w x e^(-2 pi i k t / n)|^2 / (sum w)^2. */
static void spectrum_equals_the_definition_in_double(void **state)
{
    (void)state;
    enum { N = 128 };
    struct g20_rng rng;
    double complex x[N] = {0};
    float w[N];
    struct g20_pool *pool = NULL;

    g20_rng_init(&rng, 20);
    assert_int_equal(g20_pool_create(&pool, 3, N), 0);
    for (int kind = G20_WINDOW_RECT; kind <= G20_WINDOW_FLATTOP; kind++) {
        struct kept *k = kept_create(N);
        struct g20_stft *s = stft(N, N, (enum g20_window)kind);
        double sum = 0;

        memset(x, 0, sizeof(x));
        add_noise(x, N, 1.0, &rng);
        struct g20_block *b = make_block(pool, G20_CF32, x, 0, N, 1e6);
        assert_int_equal(g20_stft_push(s, b, keep, k), 1);
        g20_block_unref(&b);
        g20_window_fill((enum g20_window)kind, w, N);
        for (int t = 0; t < N; t++)
            sum += (double)w[t];
        for (int bin = 0; bin < N; bin++) {
            double complex want = 0;
            for (int t = 0; t < N; t++)
                want += (double)w[t] * x[t] * cexp(-2 * I * M_PI * (bin - N / 2) * t / N);
            const double p = creal(want * conj(want)) / (sum * sum);
            assert_float_equal((double)k->power[bin], p, 1e-6 * (1 + p));
        }
        g20_stft_destroy(s);
        kept_destroy(k);
    }
    g20_pool_destroy(pool);
}

static void white_noise_reads_its_power_times_enbw_over_n(void **state)
{
    (void)state;
    enum { N = 1024, FRAMES = 50 };
    static double complex x[N * FRAMES];
    struct g20_rng rng;
    struct g20_pool *pool = NULL;
    struct kept *k = kept_create(N);
    struct g20_stft *s = stft(N, N, G20_WINDOW_HANN);

    g20_rng_init(&rng, 21);
    memset(x, 0, sizeof(x));
    add_noise(x, N * FRAMES, 0.01, &rng);
    assert_int_equal(g20_pool_create(&pool, 3, N * FRAMES), 0);
    struct g20_block *b = make_block(pool, G20_CF32, x, 0, N * FRAMES, 1e6);
    assert_int_equal(g20_stft_push(s, b, keep, k), FRAMES);
    g20_block_unref(&b);

    double mean = 0;
    for (size_t i = 0; i < N * FRAMES; i++)
        mean += (double)k->power[i] / (N * FRAMES);
    /* the mean of 51200 exponential values is good to 0.02 dB (1 sigma) */
    assert_float_equal(db(mean), db(0.01 * 1.5 / N), 0.1);
    g20_stft_destroy(s);
    g20_pool_destroy(pool);
    kept_destroy(k);
}

static void frames_are_the_same_however_the_stream_is_cut(void **state)
{
    (void)state;
    enum { TOTAL = 5000, N = 256, HOP = 100 };
    static double complex x[TOTAL];
    struct g20_rng rng;
    struct g20_pool *pool = NULL;

    g20_rng_init(&rng, 22);
    memset(x, 0, sizeof(x));
    add_noise(x, TOTAL, 0.05, &rng);
    assert_int_equal(g20_pool_create(&pool, N + 3, TOTAL), 0);
    for (int format = G20_CF32; format <= G20_CU8; format++) {
        struct kept *whole = kept_create(N);
        struct g20_stft *s = stft(N, HOP, G20_WINDOW_HANN);
        struct g20_block *b = make_block(pool, (enum g20_sample_format)format, x, 0, TOTAL, 1e6);

        const size_t frames = g20_stft_push(s, b, keep, whole);
        assert_int_equal(frames, (TOTAL - N) / HOP + 1);
        g20_block_unref(&b);
        for (int turn = 0; turn < 8; turn++) {
            struct kept *cut = kept_create(N);
            size_t got = 0;

            g20_stft_reset(s);
            for (uint32_t at = 0; at < TOTAL;) {
                /* turn 0: single samples, so that a frame spans as many blocks as it can */
                uint32_t len = turn == 0 ? 1 : 1 + (uint32_t)g20_rng_below(&rng, 1u << turn);
                len = G20_MIN(len, TOTAL - at);
                b = make_block(pool, (enum g20_sample_format)format, x, at, len, 1e6);
                got += g20_stft_push(s, b, keep, cut);
                g20_block_unref(&b);
                at += len;
            }
            assert_int_equal(got, frames);
            assert_memory_equal(cut->power, whole->power, frames * N * sizeof(float));
            for (size_t i = 0; i < frames; i++) {
                assert_int_equal(cut->frame[i].first_sample, i * HOP);
                assert_int_equal(cut->frame[i].time_us, 1000000 + i * HOP);
                assert_int_equal(cut->frame[i].restarted, i == 0);
            }
            kept_destroy(cut);
        }
        g20_stft_destroy(s);
        kept_destroy(whole);
    }
    g20_pool_destroy(pool);
}

/* What may break a run: each is applied to the second of three blocks. */
enum broken { LOST, RETUNED, NEW_SEGMENT, JUMPED, OTHER_RATE, OTHER_CENTER, OTHER_FORMAT, BREAKS };

static void no_frame_spans_a_gap_a_retune_or_a_segment(void **state)
{
    (void)state;
    enum { N = 64, LEN = 100 };
    double complex x[3 * LEN + 1000] = {0};
    struct g20_pool *pool = NULL;

    assert_int_equal(g20_pool_create(&pool, 8, LEN), 0);
    for (int why = 0; why < BREAKS; why++) {
        struct kept *k = kept_create(N);
        struct g20_stft *s = stft(N, 32, G20_WINDOW_HANN);
        struct g20_block *b[3];

        for (int i = 0; i < 3; i++) {
            const uint64_t first = (uint64_t)i * LEN + (i > 0 && why == JUMPED ? 7 : 0);
            b[i] = make_block(pool, i > 0 && why == OTHER_FORMAT ? G20_CI8 : G20_CF32, x, first,
                              LEN, i > 0 && why == OTHER_RATE ? 2e6 : 1e6);
            if (i > 0 && why == OTHER_CENTER)
                b[i]->center_hz += 1;
        }
        b[1]->flags = why == LOST          ? G20_BLOCK_GAP
                      : why == RETUNED     ? G20_BLOCK_RETUNED
                      : why == NEW_SEGMENT ? G20_BLOCK_NEW_SEGMENT
                                           : 0;
        /* 100 samples: frames at 0 and 32. Then from the break on: 0, 32, 64, 96, 128 of 200. */
        size_t got = 0;
        for (int i = 0; i < 3; i++)
            got += g20_stft_push(s, b[i], keep, k);
        assert_int_equal(got, 2 + 5);
        for (size_t i = 0; i < got; i++) {
            const uint64_t at = i < 2 ? i * 32 : b[1]->first_sample + (i - 2) * 32;
            assert_int_equal(k->frame[i].first_sample, at);
            assert_int_equal(k->frame[i].restarted, i == 0 || i == 2);
            assert_true(k->frame[i].center_hz == b[i < 2 ? 0 : 1]->center_hz);
            assert_true(k->frame[i].rate_hz == b[i < 2 ? 0 : 1]->rate_hz);
        }
        g20_stft_destroy(s);
        for (int i = 0; i < 3; i++)
            g20_block_unref(&b[i]);
        kept_destroy(k);
    }
    g20_pool_destroy(pool); /* asserts that every reference came back */
}

static void blocks_are_held_while_needed_and_not_longer(void **state)
{
    (void)state;
    enum { N = 256, LEN = 100 };
    double complex x[20 * LEN] = {0};
    struct g20_pool *pool = NULL;
    struct g20_stft *s = stft(N, N, G20_WINDOW_HANN);
    struct g20_pool_stats stats;
    size_t frames = 0;

    assert_int_equal(g20_pool_create(&pool, 8, LEN), 0);
    for (uint32_t i = 0; i < 20; i++) {
        struct g20_block *b = make_block(pool, G20_CF32, x, (uint64_t)i * LEN, LEN, 1e6);

        g20_stft_push(s, b, count_only, &frames);
        g20_block_unref(&b);
        g20_pool_stats(pool, &stats);
        /* samples from the next frame's first on are still needed, hence the blocks they are in */
        const uint32_t next = (uint32_t)frames * N, have = (i + 1) * LEN;
        assert_int_equal(stats.count - stats.free, next < have ? i + 1 - next / LEN : 0);
    }
    assert_int_equal(frames, 2000 / N);
    g20_stft_destroy(s);
    g20_pool_stats(pool, &stats);
    assert_int_equal(stats.free, stats.count);
    g20_pool_destroy(pool);
}

/* Were a sample copied when a block is pushed, a change made afterwards could not be seen. The
 * block's owner may not do that; here it proves where the transform reads from. */
static void frames_read_the_blocks_own_memory(void **state)
{
    (void)state;
    enum { N = 256 };
    double complex zero[2 * N] = {0}, tone[2 * N];
    struct g20_pool *pool = NULL;
    struct kept *k = kept_create(N);
    struct g20_stft *s = stft(N, N, G20_WINDOW_RECT);

    fill_tone(tone, G20_COUNT_OF(tone), 10.0 / N, 1.0);
    assert_int_equal(g20_pool_create(&pool, 4, N), 0);
    struct g20_block *a = make_block(pool, G20_CF32, zero, 0, N / 2, 1e6);
    struct g20_block *b = make_block(pool, G20_CF32, tone, N / 2, N / 2, 1e6);
    assert_int_equal(g20_stft_push(s, a, keep, k), 0);
    for (uint32_t i = 0; i < N / 2; i++) /* after the push */
        put_sample(G20_CF32, a->data, i, tone[i]);
    assert_int_equal(g20_stft_push(s, b, keep, k), 1);
    assert_float_equal(k->power[N / 2 + 10], 1.0, 1e-5);
    g20_block_unref(&a);
    g20_block_unref(&b);
    g20_stft_destroy(s);
    g20_pool_destroy(pool);
    kept_destroy(k);
}

/* The same from the other side: a block whose memory cannot be written, and ends at a page that
 * cannot be read, gives its frames: nothing is written to it, nothing read beyond it. */
static void blocks_are_neither_written_nor_read_beyond_their_end(void **state)
{
    (void)state;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct g20_stft *s = stft(64, 17, G20_WINDOW_HANN);
    struct g20_pool *pool = NULL;
    size_t frames = 0;

    assert_int_equal(g20_pool_create(&pool, 3, 64), 0);
    for (int format = G20_CF32; format <= G20_CU8; format++) {
        char *map =
            mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(map != MAP_FAILED);
        const size_t bytes = g20_sample_bytes((enum g20_sample_format)format);
        const uint32_t len = 333; /* a frame's end at the block's end, at odd offsets */
        char *data = map + 2 * page - len * bytes;

        memset(data, 3, len * bytes);
        assert_int_equal(mprotect(map, page, PROT_NONE), 0);
        assert_int_equal(mprotect(map + page, page, PROT_READ), 0);
        assert_int_equal(mprotect(map + 2 * page, page, PROT_NONE), 0);
        struct g20_block *b = g20_pool_get(pool, 0);
        void *own = b->data;
        b->data = data;
        b->format = (enum g20_sample_format)format;
        b->len = len;
        b->first_sample = 0;
        b->rate_hz = 1e6;
        b->flags = G20_BLOCK_NEW_SEGMENT;
        assert_int_equal(g20_stft_push(s, b, count_only, &frames), (333 - 64) / 17 + 1);
        g20_stft_reset(s);
        b->data = own;
        g20_block_unref(&b);
        munmap(map, 3 * page);
    }
    g20_stft_destroy(s);
    g20_pool_destroy(pool);
}

static void steady_state_allocates_nothing(void **state)
{
    (void)state;
    enum { N = 256, LEN = 1000 };
    double complex x[LEN] = {0};
    struct g20_pool *pool = NULL;
    struct g20_stft *s = stft(N, N / 2, G20_WINDOW_HANN);
    size_t frames = 0;

    assert_int_equal(g20_pool_create(&pool, 4, LEN), 0);
    const uint64_t before = g20_alloc_total();
    for (uint64_t i = 0; i < 5000; i++) {
        struct g20_block *b = make_block(pool, G20_CI16, x, 0, LEN, 1e6);

        b->first_sample = i * LEN;
        g20_stft_push(s, b, count_only, &frames);
        g20_block_unref(&b);
    }
    assert_int_equal(g20_alloc_total(), before);
    assert_int_equal(frames, (5000 * LEN - N) / (N / 2) + 1);
    g20_stft_destroy(s);
    g20_pool_destroy(pool);
}

static void samples_that_are_no_numbers_count_as_zero_and_harm_only_themselves(void **state)
{
    (void)state;
    enum { N = 256, TOTAL = 1024 };
    double complex x[TOTAL];
    struct g20_pool *pool = NULL;
    struct kept *k = kept_create(N);
    struct g20_stft *s = stft(N, N / 2, G20_WINDOW_HANN);

    fill_tone(x, TOTAL, 10.0 / N, 1.0);
    assert_int_equal(g20_pool_create(&pool, 3, TOTAL), 0);
    struct g20_block *b = make_block(pool, G20_CF32, x, 0, TOTAL, 1e6);
    float *data = b->data;
    data[2 * 300] = NAN;
    data[2 * 301 + 1] = INFINITY;
    data[2 * 302] = -INFINITY;
    data[2 * 302 + 1] = NAN; /* one sample, counted once */
    data[2 * 303] = 1e30f;
    assert_int_equal(g20_stft_push(s, b, keep, k), 7);
    assert_int_equal(g20_stft_bad_samples(s), 4); /* although two frames hold each */
    for (size_t i = 0; i < 7 * N; i++)
        assert_true(isfinite(k->power[i]));
    for (size_t f = 0; f < 7; f++) { /* samples 300..303 are in frames 1 and 2 */
        const double level = (double)k->power[f * N + N / 2 + 10];
        assert_float_equal(level, 1.0, f == 1 || f == 2 ? 0.1 : 1e-5);
    }
    g20_block_unref(&b);
    g20_stft_destroy(s);
    g20_pool_destroy(pool);
    kept_destroy(k);
}

static void bad_settings_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        struct g20_stft_cfg cfg;
        const char *says;
    } cases[] = {
        {{.nfft = 63, .hop = 1}, "nfft 63"},
        {{.nfft = 100, .hop = 1}, "nfft 100"},
        {{.nfft = 131072, .hop = 1}, "nfft 131072"},
        {{.nfft = 64, .hop = 0}, "hop 0"},
        {{.nfft = 64, .hop = 65}, "hop 65"},
        {{.nfft = 64, .hop = 64, .window = (enum g20_window)9}, "window 9"},
    };

    for (size_t i = 0; i < G20_COUNT_OF(cases); i++) {
        struct g20_stft *s = NULL;
        struct g20_err e = {0};

        assert_int_equal(g20_stft_create(&s, &cases[i].cfg, &e), -22 /* EINVAL */);
        assert_null(s);
        assert_non_null(strstr(e.msg, cases[i].says));
    }
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct g20_stft_cfg cfg = {.nfft = 256, .hop = 128, .window = G20_WINDOW_HANN};
    const int64_t live = g20_alloc_live();

    for (unsigned nth = 0; nth < 100; nth++) {
        struct g20_stft *s = NULL;

        g20_alloc_fail_at(nth);
        const int r = g20_stft_create(&s, &cfg, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);

        assert_true(r == 0 || (r == -12 /* ENOMEM */ && s == NULL));
        g20_stft_destroy(s);
        assert_int_equal(g20_alloc_live(), live);
        if (r == 0)
            return; /* got past the last allocation */
    }
    fail_msg("create() never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_scale_tone_reads_0_dbfs_for_every_size_and_window),
        cmocka_unit_test(tone_reads_its_level_in_every_sample_format),
        cmocka_unit_test(axis_runs_from_lowest_to_highest_frequency),
        cmocka_unit_test(image_of_a_tone_stays_below_minus_100_dbfs),
        cmocka_unit_test(spectrum_equals_the_definition_in_double),
        cmocka_unit_test(white_noise_reads_its_power_times_enbw_over_n),
        cmocka_unit_test(frames_are_the_same_however_the_stream_is_cut),
        cmocka_unit_test(no_frame_spans_a_gap_a_retune_or_a_segment),
        cmocka_unit_test(blocks_are_held_while_needed_and_not_longer),
        cmocka_unit_test(frames_read_the_blocks_own_memory),
        cmocka_unit_test(blocks_are_neither_written_nor_read_beyond_their_end),
        cmocka_unit_test(steady_state_allocates_nothing),
        cmocka_unit_test(samples_that_are_no_numbers_count_as_zero_and_harm_only_themselves),
        cmocka_unit_test(bad_settings_are_refused_by_name),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
