/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* /ws/training over a real socket, with a stand-in for what carries the commands out. */
#include "server/server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static void no_state(struct g20_control_state *ret, void *user)
{
    (void)user;
    *ret = (struct g20_control_state){.retry_in_s = -1};
}

static json_t *echo(const char *command, const json_t *request, void *user)
{
    atomic_fetch_add((atomic_int *)user, 1);
    if (strcmp(command, "export_model") == 0)
        return NULL;
    return json_pack("{s:s, s:s, s:I}", "type", "done", "command", command, "bytes",
                     (json_int_t)json_string_length(json_object_get(request, "iq_data")));
}

struct world {
    struct g20_hub *hub;
    struct g20_server *server;
    atomic_int calls;
};

static void open_world(struct world *w, bool has_training, uint32_t ping_s)
{
    const struct g20_control control = {.state = no_state};
    struct g20_server_cfg cfg;

    memset(w, 0, sizeof(*w));
    g20_server_cfg_default(&cfg);
    cfg.max_training_bytes = 300000;
    cfg.ping_s = ping_s;
    if (has_training)
        cfg.training = echo;
    cfg.training_user = &w->calls;
    assert_int_equal(g20_hub_create(&w->hub), 0);
    assert_int_equal(g20_server_create(&w->server, &cfg, w->hub, &control, NULL), 0);
    assert_int_equal(g20_server_start(w->server, NULL), 0);
}

static void close_world(struct world *w)
{
    g20_server_destroy(w->server);
    g20_hub_destroy(w->hub);
}

static void put(int fd, const void *data, size_t n)
{
    for (size_t at = 0; at < n;) {
        const ssize_t k = send(fd, (const char *)data + at, n - at, MSG_NOSIGNAL);

        assert_true(k > 0);
        at += (size_t)k;
    }
}

static void get(int fd, void *data, size_t n)
{
    assert_int_equal(recv(fd, data, n, MSG_WAITALL), (ssize_t)n);
}

static int join(const struct world *w)
{
    static const char hello[] = "GET /ws/training HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)g20_server_port(w->server)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval limit = {.tv_sec = 20};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    char head[1024];
    size_t n = 0;

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    put(fd, hello, sizeof(hello) - 1);
    do
        get(fd, head + n++, 1);
    while (n < sizeof(head) && (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0));
    assert_int_equal(strncmp(head, "HTTP/1.1 101", 12), 0);
    return fd;
}

static void say(int fd, const char *text, size_t n)
{
    uint8_t head[14] = {0x81, 0x80 | 127};

    for (int i = 0; i < 8; i++)
        head[2 + i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
    put(fd, head, sizeof(head)); /* the mask is zero */
    put(fd, text, n);
}

/* The opcode; text goes to @buf. */
static int hear(int fd, char *buf, size_t size)
{
    uint8_t head[2], more[2] = {0};
    size_t n;

    get(fd, head, 2);
    n = head[1] & 127;
    assert_true(n < 127);
    if (n == 126) {
        get(fd, more, 2);
        n = (size_t)more[0] << 8 | more[1];
    }
    assert_true(n < size);
    if (n > 0)
        get(fd, buf, n);
    buf[n] = '\0';
    return head[0] & 15;
}

static json_t *answer(int fd)
{
    char buf[4096];

    assert_int_equal(hear(fd, buf, sizeof(buf)), 1);
    json_t *o = json_loads(buf, 0, NULL);
    assert_non_null(o);
    return o;
}

static void expect(int fd, const char *field, const char *value, int id)
{
    json_t *o = answer(fd);

    assert_string_equal(json_string_value(json_object_get(o, field)), value);
    assert_int_equal(json_integer_value(json_object_get(o, "id")), id);
    json_decref(o);
}

static void commands_are_answered_in_order_with_their_ids(void **state)
{
    (void)state;
    static const char *const all[] = {
        "get_registry",     "save_sample",   "list_samples",   "get_sample",      "delete_sample",
        "train_signal",     "job_status",    "list_versions",  "promote_version", "rename_signal",
        "rollback_version", "delete_signal", "cancel_training"};
    struct world w;
    char text[128];

    open_world(&w, true, 20);
    const int fd = join(&w);
    for (int i = 0; i < (int)G20_COUNT_OF(all); i++) {
        const int n =
            snprintf(text, sizeof(text), "{\"command\":\"%s\",\"id\":%d}", all[i], 100 + i);

        say(fd, text, (size_t)n);
        if (i % 4 != 3) /* up to four at once */
            continue;
        for (int k = i - 3; k <= i; k++)
            expect(fd, "command", all[k], 100 + k);
    }
    expect(fd, "command", "cancel_training", 112);
    say(fd, "{\"command\":\"export_model\",\"id\":1}", 33);
    expect(fd, "code", "not_implemented", 1);
    say(fd, "{\"command\":\"fly\",\"id\":2}", 24);
    expect(fd, "message", "Unknown command: fly", 2);
    assert_int_equal(atomic_load(&w.calls), 14);
    close(fd);
    close_world(&w);
}

static void without_a_teacher_nothing_is_said_to_work(void **state)
{
    (void)state;
    struct world w;

    open_world(&w, false, 20);
    const int fd = join(&w);
    say(fd, "{\"command\":\"train_signal\",\"id\":7}", 33);
    expect(fd, "code", "not_implemented", 7);
    close(fd);
    close_world(&w);
}

static void news_reach_every_client(void **state)
{
    (void)state;
    struct world w;
    int fd[3];

    open_world(&w, true, 20);
    for (int i = 0; i < 3; i++) {
        fd[i] = join(&w);
        say(fd[i], "{\"command\":\"job_status\",\"id\":1}", 31);
        expect(fd[i], "type", "done", 1); /* it is in the list of clients now */
    }
    g20_server_news(w.server, G20_NEWS_TRAINING, json_pack("{s:s}", "type", "progress"));
    for (int i = 0; i < 3; i++)
        expect(fd[i], "type", "progress", 0);
    g20_server_news(w.server, G20_NEWS_TRAINING, NULL);
    for (int i = 0; i < 3; i++)
        close(fd[i]);
    close_world(&w);
}

static void big_samples_fit_and_bigger_ones_close_with_1009(void **state)
{
    (void)state;
    static char text[300001];
    static const char head[] = "{\"command\":\"save_sample\",\"iq_data\":\"";
    struct world w;
    char buf[256];

    open_world(&w, true, 20);
    memset(text, 'A', sizeof(text));
    memcpy(text, head, sizeof(head) - 1);
    memcpy(text + 300000 - 2, "\"}", 2);
    const int fd = join(&w);
    say(fd, text, 300000);
    json_t *o = answer(fd);
    assert_int_equal(json_integer_value(json_object_get(o, "bytes")),
                     300000 - 2 - (sizeof(head) - 1));
    json_decref(o);
    say(fd, text, 100); /* no JSON, but the size is right */
    expect(fd, "code", "invalid_json", 0);
    uint8_t frame[14] = {0x81, 0x80 | 127, 0, 0, 0, 0, 0, 4, 0x93, 0xe1}; /* 300001 */
    put(fd, frame, sizeof(frame));
    put(fd, text, 100);
    assert_int_equal(hear(fd, buf, sizeof(buf)), 8);
    assert_int_equal((uint8_t)buf[0] << 8 | (uint8_t)buf[1], 1009);
    close(fd);
    close_world(&w);
}

/* Both say nothing; one answers when it is asked whether it is there. */
static void a_silent_client_is_asked_and_one_that_is_gone_is_closed(void **state)
{
    (void)state;
    enum { PING = 9, SILENT = 0, ALIVE = 1 };
    static const uint8_t pong[] = {0x8a, 0x80, 0, 0, 0, 0};
    struct world w;
    struct pollfd fd[2];
    int pings[2] = {0};
    char buf[256];

    open_world(&w, true, 2);
    for (int i = 0; i < 2; i++)
        fd[i] = (struct pollfd){.fd = join(&w), .events = POLLIN};
    for (bool open = true; open;) {
        assert_true(poll(fd, 2, 20000) > 0);
        if (fd[ALIVE].revents) {
            assert_int_equal(hear(fd[ALIVE].fd, buf, sizeof(buf)), PING);
            put(fd[ALIVE].fd, pong, sizeof(pong));
            pings[ALIVE]++;
        }
        open = !fd[SILENT].revents || recv(fd[SILENT].fd, buf, 1, MSG_PEEK) > 0;
        if (open && fd[SILENT].revents) {
            assert_int_equal(hear(fd[SILENT].fd, buf, sizeof(buf)), PING);
            pings[SILENT]++;
        }
    }
    assert_true(pings[SILENT] >= 1 && pings[ALIVE] >= 1);
    say(fd[ALIVE].fd, "{\"command\":\"job_status\",\"id\":3}", 31);
    int opcode;
    while ((opcode = hear(fd[ALIVE].fd, buf, sizeof(buf))) == PING)
        put(fd[ALIVE].fd, pong, sizeof(pong));
    assert_int_equal(opcode, 1);
    assert_non_null(strstr(buf, "\"done\""));
    for (int i = 0; i < 2; i++)
        close(fd[i].fd);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_answered_in_order_with_their_ids),
        cmocka_unit_test(without_a_teacher_nothing_is_said_to_work),
        cmocka_unit_test(news_reach_every_client),
        cmocka_unit_test(big_samples_fit_and_bigger_ones_close_with_1009),
        cmocka_unit_test(a_silent_client_is_asked_and_one_that_is_gone_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
