/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/request.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Unless told. */
#define FLOWS_SHOWN 50
#define SERVICES_SHOWN 20

static int refuse(struct weir_error *e, const char *key, const char *expected)
{
    return weir_error_set(e, EINVAL, "request: \"%s\": expected %s", key, expected);
}

static int prefix_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    const char *text = json_string_value(v);

    if (!text || weir_prefix_parse(text, &q->prefix) < 0)
        return refuse(e, "prefix", "an address or ADDR/LEN with no bit set behind LEN");
    return 0;
}

static int seconds_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    json_int_t n = json_integer_value(v);

    if (!json_is_integer(v) || n < 0 || (unsigned long long)n > WEIR_BAN_SECONDS_MAX)
        return refuse(e, "seconds", "0 to a hundred years");
    q->seconds = (uint64_t)n;
    return 0;
}

static int reason_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    const char *text = json_string_value(v);

    if (!text || strlen(text) >= sizeof(q->reason))
        return refuse(e, "reason", "a string of at most 127 bytes");
    strcpy(q->reason, text);
    return 0;
}

static int mode_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    const char *text = json_string_value(v);

    if (!text || weir_mode_parse(text, &q->mode) < 0)
        return refuse(e, "mode", "\"observe\" or \"enforce\"");
    return 0;
}

static int follow_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    if (!json_is_boolean(v))
        return refuse(e, "follow", "true or false");
    q->follow = json_is_true(v);
    return 0;
}

static int text_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    if (!json_is_boolean(v))
        return refuse(e, "text", "true or false");
    q->text = json_is_true(v);
    return 0;
}

static int addr_set(const json_t *v, const char *key, uint8_t ret[16], struct weir_error *e)
{
    const char *text = json_string_value(v);

    if (!text || weir_addr_parse(text, ret) < 0)
        return refuse(e, key, "an IPv4 or IPv6 address");
    return 0;
}

static int port_set(const json_t *v, const char *key, uint16_t *ret, struct weir_error *e)
{
    json_int_t n = json_integer_value(v);

    if (!json_is_integer(v) || n < 0 || n > 65535)
        return refuse(e, key, "0 to 65535");
    *ret = (uint16_t)n;
    return 0;
}

static int address_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    return addr_set(v, "address", q->question.addr, e);
}

static int address_port_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    q->question.has_port = true;
    return port_set(v, "port", &q->question.port, e);
}

static int dest_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    q->question.has_dest = true;
    return addr_set(v, "dest", q->question.dest, e);
}

static int dest_port_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    q->question.has_dest_port = true;
    return port_set(v, "dest_port", &q->question.dest_port, e);
}

static int flows_sort_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    const char *text = json_string_value(v);

    if (!text || weir_flow_sort_parse(text, &q->flows.sort) < 0)
        return refuse(e, "sort", "bytes, rtt, retransmitted, zero_window, age or active");
    return 0;
}

static int services_sort_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    const char *text = json_string_value(v);

    if (!text || weir_service_sort_parse(text, &q->sort) < 0)
        return refuse(e, "sort", "connections, bytes, latency or failures");
    return 0;
}

static int max_set(const json_t *v, size_t most, const char *expected, size_t *ret,
                   struct weir_error *e)
{
    json_int_t n = json_integer_value(v);

    if (!json_is_integer(v) || n < 1 || (size_t)n > most)
        return refuse(e, "max", expected);
    *ret = (size_t)n;
    return 0;
}

static int flows_max_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    return max_set(v, WEIR_FLOWS_WRITTEN, "1 to 1000", &q->flows.max, e);
}

static int services_max_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    return max_set(v, WEIR_SERVICES_WRITTEN, "1 to 256", &q->max, e);
}

static int flows_address_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    q->flows.has_addr = true;
    return addr_set(v, "address", q->flows.addr, e);
}

static int flows_port_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    if (!q->flows.has_addr)
        return refuse(e, "port", "\"address\" beside it");
    q->flows.has_port = true;
    return port_set(v, "port", &q->flows.port, e);
}

static int half_open_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    if (!json_is_boolean(v))
        return refuse(e, "half_open", "true or false");
    q->flows.half_open = json_is_true(v);
    return 0;
}

static int scope_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    for (unsigned i = 0; json_is_string(v) && i < WEIR_SCOPE_MAX; i++) {
        if (strcmp(json_string_value(v), weir_scope_name(i)))
            continue;
        q->scope = (enum weir_ban_scope)i;
        return 0;
    }
    return refuse(e, "scope", "\"all\", \"tcp\" or \"new\"");
}

static int force_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    if (!json_is_boolean(v))
        return refuse(e, "force", "true or false");
    q->force = json_is_true(v);
    return 0;
}

static int forget_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    if (!json_is_boolean(v))
        return refuse(e, "forget", "true or false");
    q->forget = json_is_true(v);
    return 0;
}

static int floods_max_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    return max_set(v, WEIR_FLOODS_WRITTEN, "1 to 65536", &q->floods_max, e);
}

static int usual_number(const json_t *v, uint32_t *ret)
{
    json_int_t n = json_integer_value(v);

    if (!json_is_integer(v) || n < 0 || n > WEIR_USUAL_MOST)
        return -EINVAL;
    *ret = (uint32_t)n;
    return 0;
}

/* As `weir floods --json` shows it; the rest of what it shows is of the moment. */
static int usual_one(const json_t *v, struct weir_usual *ret, struct weir_error *e)
{
    const char *kind = json_string_value(json_object_get(v, "kind"));
    const json_t *port = json_object_get(v, "port"), *half = json_object_get(v, "half_open_usual");
    int r = 0;

    if (!kind || weir_usual_kind_parse(kind, &ret->kind) < 0 || ret->kind == WEIR_DEST_NET)
        return refuse(e, "kind", "service or address");
    r = addr_set(json_object_get(v, "address"), "address", ret->addr, e);
    if (r == 0 && port)
        r = port_set(port, "port", &ret->port, e);
    if (r < 0)
        return r;
    if ((ret->kind == WEIR_DEST_SERVICE) != (ret->port != 0))
        return refuse(e, "port", "1 to 65535 with a service, and none with an address");
    if (usual_number(json_object_get(v, "syn_usual_per_s"), &ret->syn) < 0)
        return refuse(e, "syn_usual_per_s", "0 to 100000000");
    if (half && usual_number(half, &ret->half) < 0)
        return refuse(e, "half_open_usual", "0 to 100000000");
    return 0;
}

static int usual_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    const json_t *one;
    size_t i;

    if (!json_is_array(v) || !json_array_size(v))
        return refuse(e, "usual", "a list of what `weir floods --json` shows");
    q->usual = calloc(json_array_size(v), sizeof(*q->usual));
    if (!q->usual)
        return weir_error_set(e, ENOMEM, "no memory");
    json_array_foreach(v, i, one)
    {
        int r = usual_one(one, &q->usual[i], e);

        if (r < 0)
            return r;
    }
    q->usuals = i;
    return 0;
}

static int bundle_set(struct weir_request *q, const json_t *v, struct weir_error *e)
{
    const char *text = json_string_value(v);

    if (!text)
        return refuse(e, "bundle", "a string");
    q->bundle = strdup(text);
    return q->bundle ? 0 : weir_error_set(e, ENOMEM, "no memory");
}

static const struct member {
    const char *key;
    unsigned asks; /* bits: commands that know it */
    bool must;
    int (*set)(struct weir_request *q, const json_t *v, struct weir_error *e);
} members[] = {
    { "prefix", 1 << WEIR_ASK_BAN | 1 << WEIR_ASK_UNBAN, true, prefix_set },
    { "seconds", 1 << WEIR_ASK_BAN, false, seconds_set },
    { "reason", 1 << WEIR_ASK_BAN, false, reason_set },
    { "scope", 1 << WEIR_ASK_BAN, false, scope_set },
    { "mode", 1 << WEIR_ASK_MODE, true, mode_set },
    { "follow", 1 << WEIR_ASK_EVENTS, false, follow_set },
    { "text", 1 << WEIR_ASK_EVENTS | 1 << WEIR_ASK_EXPLAIN | 1 << WEIR_ASK_SERVICES, false,
      text_set },
    { "address", 1 << WEIR_ASK_EXPLAIN, true, address_set },
    { "port", 1 << WEIR_ASK_EXPLAIN, false, address_port_set },
    { "dest", 1 << WEIR_ASK_EXPLAIN, false, dest_set },
    { "dest_port", 1 << WEIR_ASK_EXPLAIN, false, dest_port_set },
    { "force", 1 << WEIR_ASK_BAN, false, force_set },
    { "sort", 1 << WEIR_ASK_FLOWS, false, flows_sort_set },
    { "max", 1 << WEIR_ASK_FLOWS, false, flows_max_set },
    { "address", 1 << WEIR_ASK_FLOWS, false, flows_address_set },
    { "port", 1 << WEIR_ASK_FLOWS, false, flows_port_set },
    { "half_open", 1 << WEIR_ASK_FLOWS, false, half_open_set },
    { "sort", 1 << WEIR_ASK_SERVICES, false, services_sort_set },
    { "max", 1 << WEIR_ASK_SERVICES, false, services_max_set },
    { "forget", 1 << WEIR_ASK_FLOODS, false, forget_set },
    { "max", 1 << WEIR_ASK_FLOODS, false, floods_max_set },
    { "usual", 1 << WEIR_ASK_FLOODS, false, usual_set },
    { "bundle", 1 << WEIR_ASK_POLICY_APPLY, true, bundle_set },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

static int ask_parse(const json_t *v, enum weir_ask *ret, struct weir_error *e)
{
    static const char *const name[WEIR_ASK_MAX] = {
        "status", "top",   "flows", "services", "floods", "explain",     "events",
        "ban",    "unban", "bans",  "mode",     "stop",   "policy show", "policy apply"
    };
    const char *text = json_string_value(v);

    for (unsigned i = 0; text && i < WEIR_ASK_MAX; i++) {
        if (strcmp(text, name[i]))
            continue;
        *ret = (enum weir_ask)i;
        return 0;
    }
    return refuse(
        e, "command",
        "status, top, flows, services, floods, explain, events, ban, unban, bans, mode, stop, "
        "policy show or "
        "policy apply");
}

static int members_parse(json_t *root, struct weir_request *q, struct weir_error *e)
{
    size_t known = 1; /* "command" */

    for (size_t i = 0; i < MEMBERS; i++) {
        const json_t *v = json_object_get(root, members[i].key);
        int r;

        if (!(members[i].asks >> q->ask & 1))
            continue;
        if (!v && members[i].must)
            return refuse(e, members[i].key, "to be there");
        if (!v)
            continue;
        known++;
        r = members[i].set(q, v, e);
        if (r < 0)
            return r;
    }
    if (known != json_object_size(root))
        return weir_error_set(e, EINVAL, "request: a member that the command does not know");
    return 0;
}

void weir_request_free(struct weir_request *q)
{
    free(q->bundle);
    q->bundle = NULL;
    free(q->usual);
    q->usual = NULL;
}

int weir_request_parse(const char *body, size_t len, struct weir_request *ret, struct weir_error *e)
{
    struct weir_request q = { .flows.max = FLOWS_SHOWN,
                              .max = SERVICES_SHOWN,
                              .floods_max = WEIR_FLOODS_SHOWN };
    json_error_t why;
    json_t *root = json_loadb(body, len, JSON_REJECT_DUPLICATES, &why);
    int r;

    if (!root)
        return weir_error_set(e, EINVAL, "request: byte %d: %s; expected a JSON object",
                              why.position, why.text);
    r = ask_parse(json_object_get(root, "command"), &q.ask, e);
    if (r == 0)
        r = members_parse(root, &q, e);
    json_decref(root);
    if (r == 0)
        *ret = q;
    else
        weir_request_free(&q);
    return r;
}
