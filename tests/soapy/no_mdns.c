/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* In front of libavahi-client (LD_PRELOAD): SoapySDRServer ends at once where no mDNS daemon runs.
 * A client that is there and to which nothing happens. Not part of G20. */
#include <stddef.h>

static int it[1];

#define EXPORT __attribute__((visibility("default"))) extern

EXPORT void *avahi_client_new(const void *poll, int flags, void *fn, void *user, int *error);
EXPORT const char *avahi_client_get_version_string(void *client);
EXPORT const char *avahi_client_get_host_name(void *client);
EXPORT const char *avahi_client_get_domain_name(void *client);
EXPORT const char *avahi_client_get_host_name_fqdn(void *client);
EXPORT int avahi_client_get_state(void *client);
EXPORT int avahi_client_errno(void *client);
EXPORT void avahi_client_free(void *client);
EXPORT void *avahi_entry_group_new(void *client, void *fn, void *user);
EXPORT int avahi_entry_group_add_service_strlst(void *group, ...);
EXPORT int avahi_entry_group_commit(void *group);
EXPORT int avahi_entry_group_free(void *group);
EXPORT void *avahi_service_browser_new(void *client, ...);

void *avahi_client_new(const void *poll, int flags, void *fn, void *user, int *error)
{
    (void)poll;
    (void)flags;
    (void)fn;
    (void)user;
    *error = 0;
    return it;
}

const char *avahi_client_get_version_string(void *client)
{
    (void)client;
    return "none";
}

const char *avahi_client_get_host_name(void *client)
{
    (void)client;
    return "none";
}

const char *avahi_client_get_domain_name(void *client)
{
    (void)client;
    return "none";
}

const char *avahi_client_get_host_name_fqdn(void *client)
{
    (void)client;
    return "none";
}

int avahi_client_get_state(void *client)
{
    (void)client;
    return 2; /* running */
}

int avahi_client_errno(void *client)
{
    (void)client;
    return 0;
}

void avahi_client_free(void *client)
{
    (void)client;
}

void *avahi_entry_group_new(void *client, void *fn, void *user)
{
    (void)client;
    (void)fn;
    (void)user;
    return it;
}

int avahi_entry_group_add_service_strlst(void *group, ...)
{
    (void)group;
    return 0;
}

int avahi_entry_group_commit(void *group)
{
    (void)group;
    return 0;
}

int avahi_entry_group_free(void *group)
{
    (void)group;
    return 0;
}

void *avahi_service_browser_new(void *client, ...)
{
    (void)client;
    return NULL; /* finds nobody */
}
