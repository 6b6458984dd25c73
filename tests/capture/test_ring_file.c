/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/ring.h"
#include "ring_blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { LEN = 4001, MEMORY = G20_RING_LEAST, DISK = 16 << 20, BLOCKS = 900 };

static char folder[256], path[300];

static struct g20_ring *make(void)
{
    const struct g20_ring_cfg cfg = {.bytes = MEMORY, .path = path, .path_bytes = DISK};
    struct g20_ring *r = NULL;
    struct g20_err e = {0};

    if (g20_ring_create(&r, &cfg, NULL, &e) < 0)
        fail_msg("%s", e.msg);
    return r;
}

static struct g20_ring_state state_of(struct g20_ring *r)
{
    struct g20_ring_state st;

    g20_ring_state(r, &st);
    return st;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Blocks @from to @to, not faster than the disk takes them. */
static void fill(struct g20_ring *r, struct g20_pool *pool, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        push(r, pool, i * LEN, LEN, 1e8);
        for (int k = 0; k < 20000 && i % 100 == 99; k++, nap()) {
            const struct g20_ring_state st = state_of(r);
            if (st.disk_bytes + (2 << 20) > (i - from) * LEN * 4 || st.disk != G20_RING_DISK_OK)
                break;
        }
    }
}

static void the_file_holds_more_than_the_memory_and_survives(void **state)
{
    struct g20_pool *pool = NULL;
    uint64_t first = 0;
    uint32_t gaps = 0;

    (void)state;
    assert_int_equal(g20_pool_create(&pool, 3, 4096), 0);
    struct g20_ring *r = make();
    fill(r, pool, 0, BLOCKS);
    struct g20_ring_state st = state_of(r);
    assert_int_equal(st.disk, G20_RING_DISK_OK);
    assert_int_equal(st.disk_overtaken, 0);
    assert_int_equal(st.to_us, T0 + (uint64_t)BLOCKS * LEN);
    assert_true(st.bytes > (MEMORY + DISK) / 2 && st.bytes <= DISK);
    const uint64_t n = read_all(r, st.from_us, 0, &first, &gaps);
    assert_int_equal(n * 4, st.bytes);
    assert_int_equal(gaps, 0);
    g20_ring_destroy(r);

    r = make(); /* all but what the writer had not got round to, at most a chunk */
    const struct g20_ring_state again = state_of(r);
    assert_true(again.to_us + (3 << 20) / 4 >= st.to_us && again.to_us <= st.to_us);
    assert_int_equal(again.memory_bytes, 0);
    assert_int_equal(read_all(r, again.from_us, 0, &first, &gaps) * 4, again.bytes);
    assert_int_equal(gaps, 0);
    fill(r, pool, 2000, 2100); /* and goes on behind it */
    st = state_of(r);
    assert_int_equal(st.to_us, T0 + (uint64_t)2100 * LEN);
    assert_true(read_all(r, st.from_us, 0, &first, &gaps) > 100 * LEN);
    assert_int_equal(gaps, 1);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
    unlink(path);
}

static void a_killed_process_leaves_a_true_file(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        const pid_t child = fork();
        if (child == 0) {
            struct g20_pool *pool = NULL;
            if (g20_pool_create(&pool, 3, 4096) < 0)
                _exit(1);
            struct g20_ring *r = make();
            /* Later than those of the round before, which may still be there. */
            for (uint64_t i = (uint64_t)round * 1000000;; i += 50)
                fill(r, pool, i, i + 50);
        }
        assert_true(child > 0);
        for (int i = 0; i < 300 + round * 177; i++)
            nap();
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        struct g20_ring *r = make();
        const struct g20_ring_state st = state_of(r);
        uint64_t first;
        uint32_t gaps;
        assert_int_equal(st.disk, G20_RING_DISK_OK);
        if (st.bytes > 0) /* each sample is checked */
            assert_int_equal(read_all(r, st.from_us, 0, &first, &gaps) * 4, st.bytes);
        g20_ring_destroy(r);
    }
    unlink(path);
}

static void a_full_disk_is_told_and_the_ring_goes_on(void **state)
{
    struct rlimit was, now;
    struct g20_pool *pool = NULL;
    uint64_t first = 0;
    uint32_t gaps = 0;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(g20_pool_create(&pool, 3, 4096), 0);
    getrlimit(RLIMIT_FSIZE, &was);
    now = was;
    now.rlim_cur = 6 << 20;
    setrlimit(RLIMIT_FSIZE, &now);
    struct g20_ring *r = make();
    fill(r, pool, 0, 400);
    for (int i = 0; i < 20000 && state_of(r).disk != G20_RING_DISK_FULL; i++)
        nap();
    struct g20_ring_state st = state_of(r);
    assert_int_equal(st.disk, G20_RING_DISK_FULL);
    assert_true(st.disk_why[0] != '\0');
    assert_true(read_all(r, st.to_us - 1000, 0, &first, &gaps) == 1000); /* memory goes on */
    setrlimit(RLIMIT_FSIZE, &was);
    uint64_t i = 400;
    for (; i < 20000 && state_of(r).disk != G20_RING_DISK_OK; i++, nap())
        push(r, pool, i * LEN, LEN, 1e8);
    st = state_of(r);
    assert_int_equal(st.disk, G20_RING_DISK_OK);
    assert_true(st.disk_overtaken >= 1);
    assert_true(read_all(r, st.from_us, 0, &first, &gaps) > 0);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
    unlink(path);
}

static void write_file(const void *data, size_t n, off_t at)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, data, n, at), (ssize_t)n);
    close(fd);
}

static void a_damaged_file_gives_what_is_whole(void **state)
{
    struct g20_pool *pool = NULL;
    uint8_t junk[4096];
    uint64_t first;
    uint32_t gaps;

    (void)state;
    memset(junk, 0xa5, sizeof(junk));
    assert_int_equal(g20_pool_create(&pool, 3, 4096), 0);
    struct g20_ring *r = make();
    fill(r, pool, 0, 300);
    g20_ring_destroy(r);
    for (int slot = 0; slot < 2; slot++) { /* one index is torn, the other one is used; both */
        write_file(junk, sizeof(junk), slot * (1 << 20) + 40);
        r = make();
        const struct g20_ring_state st = state_of(r);
        assert_int_equal(st.disk, G20_RING_DISK_OK);
        if (slot == 1)
            assert_int_equal(st.bytes, 0);
        else if (st.bytes > 0)
            assert_int_equal(read_all(r, st.from_us, 0, &first, &gaps) * 4, st.bytes);
        /* Without the end that would write a good index: as if it was killed. */
        write_file(junk, sizeof(junk), 40);
        g20_ring_destroy(r);
        write_file(junk, sizeof(junk), 40);
        if (slot == 0)
            continue;
    }
    /* The samples cut off behind a good index: an error for the reader, no crash. */
    unlink(path);
    r = make();
    fill(r, pool, 0, 300);
    g20_ring_destroy(r);
    assert_int_equal(truncate(path, (2 << 20) + 1000), 0);
    r = make();
    struct g20_ring_reader *rd = NULL;
    struct g20_block b;
    struct g20_err e = {0};
    assert_int_equal(g20_ring_reader_create(&rd, r, state_of(r).from_us, &e), 0);
    int rc, errors = 0;
    while ((rc = g20_ring_read(rd, 0, 0, &b, &e)) != 0)
        errors += rc < 0;
    assert_true(errors > 0);
    assert_non_null(strstr(e.msg, "storage.ring_file"));
    g20_ring_reader_destroy(rd);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
    unlink(path);
}

static void a_file_of_somebody_else_is_left_alone(void **state)
{
    (void)state;
    write_file("precious", 8, 0);
    struct g20_ring *r = make();
    const struct g20_ring_state st = state_of(r);
    char back[16] = "";

    assert_int_equal(st.disk, G20_RING_DISK_FAILED);
    assert_non_null(strstr(st.disk_why, "is no ring"));
    g20_ring_destroy(r);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_int_equal(fread(back, 1, sizeof(back), f), 8);
    fclose(f);
    assert_string_equal(back, "precious");
    unlink(path);

    r = make();
    struct g20_ring *second = make();
    assert_int_equal(state_of(second).disk, G20_RING_DISK_FAILED);
    assert_non_null(strstr(state_of(second).disk_why, "another process"));
    g20_ring_destroy(second);
    g20_ring_destroy(r);
    unlink(path);
}

static void failed_allocations_leave_nothing(void **state)
{
    const struct g20_ring_cfg cfg = {.bytes = MEMORY, .path = path, .path_bytes = DISK};
    const int64_t before = g20_alloc_live();
    struct g20_ring *r = NULL;
    struct g20_err e = {0};

    (void)state;
    for (uint64_t i = 0;; i++) {
        g20_alloc_fail_at(i);
        const int rc = g20_ring_create(&r, &cfg, NULL, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (rc == 0)
            break;
        assert_int_equal(rc, -ENOMEM);
        assert_null(r);
        assert_int_equal(g20_alloc_live(), before);
    }
    g20_ring_destroy(r);
    assert_int_equal(g20_alloc_live(), before);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_holds_more_than_the_memory_and_survives),
        cmocka_unit_test(a_killed_process_leaves_a_true_file),
        cmocka_unit_test(a_full_disk_is_told_and_the_ring_goes_on),
        cmocka_unit_test(a_damaged_file_gives_what_is_whole),
        cmocka_unit_test(a_file_of_somebody_else_is_left_alone),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };

    make_folder(folder, sizeof(folder));
    snprintf(path, sizeof(path), "%s/sub/ring", folder);
    char sub[300];
    snprintf(sub, sizeof(sub), "%s/sub", folder);
    assert_int_equal(mkdir(sub, 0777), 0);
    const int r = cmocka_run_group_tests(tests, NULL, NULL);
    remove_folder(folder);
    return r;
}
