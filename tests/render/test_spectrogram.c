/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "render/spectrogram.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <png.h>

enum { RATE = 100000, SAMPLES = 200000 };

static char dir[] = "/tmp/g20-test-XXXXXX";

static void in_dir(char *path, size_t size, const char *name)
{
    assert_true((size_t)snprintf(path, size, "%s/%s", dir, name) < size);
}

/* A SigMF recording: a tone at + a quarter of the rate that is on in the second half. */
static void write_tone(const char *name)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s.sigmf-data", dir, name);
    f = fopen(path, "wb");
    assert_non_null(f);
    for (int i = 0; i < SAMPLES; i++) {
        const float level = i < SAMPLES / 2 ? 0.0f : 0.5f;
        const int turn = i % 4; /* exp(j 2 pi i / 4) */
        const float iq[2] = {level * (float[]){1, 0, -1, 0}[turn] + 1e-4f * (float)(rand() % 3),
                             level * (float[]){0, 1, 0, -1}[turn]};
        assert_int_equal(fwrite(iq, sizeof(iq), 1, f), 1);
    }
    assert_int_equal(fclose(f), 0);
    snprintf(path, sizeof(path), "%s/%s.sigmf-meta", dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "{\"global\":{\"core:datatype\":\"cf32_le\",\"core:sample_rate\":%d,"
            "\"core:version\":\"1.0.0\"},\"captures\":[{\"core:sample_start\":0,"
            "\"core:frequency\":1e8}],\"annotations\":[]}",
            RATE);
    assert_int_equal(fclose(f), 0);
}

static void a_tone_above_the_centre_is_right_of_it_and_its_box_around_it(void **state)
{
    const struct g20_emission em = {.class_name = "to\nne\"\xff",
                                    .sample_start = SAMPLES / 2,
                                    .sample_count = SAMPLES / 2,
                                    .f_lo_hz = 1e8 + 20000,
                                    .f_hi_hz = 1e8 + 30000,
                                    .center_known = true};
    png_image image = {.version = PNG_IMAGE_VERSION};
    struct g20_err e = {0};
    char file[256], png[256];
    (void)state;

    write_tone("tone");
    in_dir(file, sizeof(file), "tone.sigmf-meta");
    in_dir(png, sizeof(png), "tone.png");
    assert_int_equal(g20_spectrogram_write(file, &em, 1, png, &e), 0);
    assert_true(png_image_begin_read_from_file(&image, png));
    image.format = PNG_FORMAT_RGB;
    uint8_t *rgb = calloc(PNG_IMAGE_SIZE(image), 1);
    assert_non_null(rgb);
    assert_true(png_image_finish_read(&image, NULL, rgb, 0, NULL));

    const int row = G20_SPECTROGRAM_Y + 3 * G20_SPECTROGRAM_H / 4;
    int best = 0, brightest = -1, reds = 0;
    for (int x = G20_SPECTROGRAM_X; x < G20_SPECTROGRAM_X + G20_SPECTROGRAM_W; x++) {
        const uint8_t *p = rgb + 3 * ((size_t)row * image.width + (size_t)x);
        const bool red = p[0] == 0xff && p[1] == 0x40 && p[2] == 0x40;
        const double at =
            ((double)(x - G20_SPECTROGRAM_X) / G20_SPECTROGRAM_W - 0.5) * RATE; /* Hz */
        if (red) {
            assert_true(fabs(at - 20000) < 300 || fabs(at - 30000) < 300);
            reds++;
        } else if (p[0] + p[1] > brightest) { /* viridis ends in yellow */
            brightest = p[0] + p[1];
            best = x - G20_SPECTROGRAM_X;
        }
    }
    assert_int_equal(reds, 2);
    assert_true(abs(best - 3 * G20_SPECTROGRAM_W / 4) <= 3);
    /* Nothing at the tone's place in the first half. */
    const size_t early = (size_t)(G20_SPECTROGRAM_Y + G20_SPECTROGRAM_H / 4) * image.width +
                         (size_t)(G20_SPECTROGRAM_X + best);
    assert_true(rgb[3 * early] + rgb[3 * early + 1] < brightest - 100);
    free(rgb);
}

static void a_missing_recording_is_an_error_and_leaves_no_picture(void **state)
{
    struct g20_err e = {0};
    char file[256], png[256];
    (void)state;

    in_dir(file, sizeof(file), "none.sigmf-meta");
    in_dir(png, sizeof(png), "none.png");
    assert_true(g20_spectrogram_write(file, NULL, 0, png, &e) < 0);
    assert_non_null(strstr(e.msg, "none"));
    assert_int_equal(access(png, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_above_the_centre_is_right_of_it_and_its_box_around_it),
        cmocka_unit_test(a_missing_recording_is_an_error_and_leaves_no_picture),
    };
    static const char *const made[] = {"tone.sigmf-data", "tone.sigmf-meta", "tone.png"};

    if (!mkdtemp(dir))
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        char path[256];
        snprintf(path, sizeof(path), "%s/%s", dir, made[i]);
        unlink(path);
    }
    rmdir(dir);
    return failed;
}
