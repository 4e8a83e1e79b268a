/* SPDX-License-Identifier: Apache-2.0 */

/* Requests to replies. */

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/frame.h"
#include "daemon/daemon.h"

#define EXPLAIN_FINDINGS 10 /* shown of those that are kept */

int weir_exit_status(int r)
{
    switch (r) {
    case 0:
        return 0;
    case -EINVAL:
    case -ENAMETOOLONG:
        return 2;
    case -EPERM:
    case -EACCES:
        return 4;
    case -ENOENT:
    case -ENODEV:
        return 5;
    case -EEXIST:
    case -EBUSY:
    case -EPROTO:
        return 6;
    default:
        return 1;
    }
}

void weir_answer_error(struct weir_buf *out, int r, const struct weir_error *e)
{
    struct weir_json j = { .out = out };
    size_t begin = weir_frame_begin(out);

    weir_json_object(&j, NULL);
    weir_json_bool(&j, "ok", false);
    weir_json_str(&j, "error", e->text[0] ? e->text : strerror(-r));
    weir_json_i64(&j, "code", weir_exit_status(r));
    weir_json_object_end(&j);
    weir_frame_end(out, begin);
}

void weir_answer_missed(uint64_t n, struct weir_buf *out)
{
    struct weir_json j = { .out = out };
    size_t begin = weir_frame_begin(out);

    weir_json_object(&j, NULL);
    weir_json_bool(&j, "ok", true);
    weir_json_u64(&j, "missed", n);
    weir_json_object_end(&j);
    weir_frame_end(out, begin);
}

void weir_answer_event(struct weir_daemon *d, const struct weir_event *ev, bool text,
                       struct weir_buf *out)
{
    struct weir_buf *line = &d->output.line;
    struct weir_json j = { .out = out };
    size_t begin;

    weir_buf_clear(line);
    if (text)
        weir_engine_text_write(d->engine, ev, line);
    else
        weir_engine_eve_write(d->engine, ev, line);
    if (line->failed || !line->len)
        return;
    begin = weir_frame_begin(out);
    if (text) {
        weir_json_object(&j, NULL);
        weir_json_bool(&j, "ok", true);
        weir_json_strn(&j, "text", line->data, line->len - 1); /* without its newline */
        weir_json_object_end(&j);
    } else {
        weir_buf_add_str(out, "{\"ok\":true,\"event\":");
        weir_buf_add(out, line->data, line->len - 1);
        weir_buf_add_char(out, '}');
    }
    weir_frame_end(out, begin);
}

static void events_answer(struct weir_daemon *d, const struct weir_request *q, struct weir_buf *out)
{
    const struct weir_output *o = &d->output;
    uint64_t at = o->events > WEIR_HISTORY ? o->events - WEIR_HISTORY : 0;
    size_t begin;

    for (; at < o->events; at++)
        weir_answer_event(d, &o->history[at % WEIR_HISTORY], q->text, out);
    if (q->follow)
        return;
    begin = weir_frame_begin(out);
    weir_buf_add_str(out, "{\"ok\":true,\"end\":true}");
    weir_frame_end(out, begin);
}

static int status_write(struct weir_daemon *d, struct weir_json *j, struct weir_error *e)
{
    weir_json_u64(j, "pid", (uint64_t)uv_os_getpid());
    weir_json_u64(j, "events", d->output.events);
    weir_json_str(j, "policy", weir_engine_policy_name(d->engine));
    return weir_engine_status_write(d->engine, j, e);
}

static bool event_concerns(const struct weir_event *ev, const struct weir_question *q)
{
    bool from = !memcmp(ev->src, q->addr, 16), to = !memcmp(ev->dst, q->addr, 16);
    const uint8_t *other = from ? ev->dst : ev->src;

    if (ev->flags & WEIR_EVENT_NO_ADDRS || !(from || to))
        return false;
    if (q->has_port && q->port != (from ? ev->sport : ev->dport))
        return false;
    if (q->has_dest && memcmp(other, q->dest, 16))
        return false;
    return !q->has_dest_port || q->dest_port == (from ? ev->dport : ev->sport);
}

static void finding_write(struct weir_daemon *d, struct weir_json *j, const struct weir_event *ev,
                          bool text)
{
    struct weir_buf *line = &d->output.line;

    weir_buf_clear(line);
    if (text)
        weir_engine_text_write(d->engine, ev, line);
    else
        weir_engine_eve_write(d->engine, ev, line);
    if (line->failed || !line->len)
        return;
    if (text)
        weir_json_strn(j, NULL, line->data, line->len - 1); /* without its newline */
    else
        weir_json_raw(j, NULL, line->data, line->len - 1);
}

/* The newest findings about the address, newest first. */
static void findings_write(struct weir_daemon *d, const struct weir_request *q, struct weir_json *j)
{
    const struct weir_output *o = &d->output;
    uint64_t at = o->events, oldest = at > WEIR_HISTORY ? at - WEIR_HISTORY : 0;
    unsigned n = 0;

    weir_json_array(j, "findings");
    while (at > oldest && n < EXPLAIN_FINDINGS) {
        const struct weir_event *ev = &o->history[--at % WEIR_HISTORY];

        if (!event_concerns(ev, &q->question))
            continue;
        finding_write(d, j, ev, q->text);
        n++;
    }
    weir_json_array_end(j);
}

static int explain_write(struct weir_daemon *d, const struct weir_request *q, struct weir_json *j,
                         struct weir_error *e)
{
    int r = weir_engine_explain(d->engine, &q->question, j, e);

    if (r == 0)
        findings_write(d, q, j);
    return r;
}

/* What the client sent was checked by it: an error here is another version's. */
static int policy_apply(struct weir_daemon *d, const struct weir_request *q, struct weir_json *j,
                        struct weir_error *e)
{
    _cleanup_(weir_settings_freep) struct weir_settings *s = NULL;
    _cleanup_(weir_bundle_free) struct weir_bundle b = { 0 };
    _cleanup_(weir_buf_free) struct weir_buf remarks = { 0 };
    _cleanup_free_ struct weir_faults *f = calloc(1, sizeof(*f));
    int r = f ? weir_bundle_read(&b, q->bundle, strlen(q->bundle), e) : -ENOMEM;

    if (r == 0)
        r = weir_settings_read(&b, &s, f);
    if (r == -EBADMSG && f->n)
        (void)weir_error_set(e, EBADMSG, "%s:%u:%u: %s", b.file[f->v[0].at.file].name,
                             f->v[0].at.line, f->v[0].at.column, f->v[0].text);
    if (r == 0)
        r = weir_engine_policy_apply(d->engine, &s, &remarks, e);
    if (r == 0)
        weir_json_strn(j, "remarks", remarks.data ? remarks.data : "", remarks.len);
    return r;
}

static int floods_write(struct weir_daemon *d, const struct weir_request *q, struct weir_json *j,
                        struct weir_error *e)
{
    size_t taken;
    int r = q->forget ? weir_engine_floods_forget(d->engine, e) : 0;

    if (r == 0 && q->usuals) {
        r = weir_engine_usual_teach(d->engine, q->usual, q->usuals, &taken);
        if (r == 0)
            weir_json_u64(j, "taken", taken);
    }
    return r < 0 ? r : weir_engine_floods_write(d->engine, q->floods_max, j, e);
}

static int act(struct weir_daemon *d, const struct weir_request *q, struct weir_json *j,
               struct weir_error *e)
{
    switch (q->ask) {
    case WEIR_ASK_STATUS:
        return status_write(d, j, e);
    case WEIR_ASK_TOP:
        return weir_engine_top_write(d->engine, j, e);
    case WEIR_ASK_FLOWS:
        return weir_engine_flows_write(d->engine, &q->flows, j, e);
    case WEIR_ASK_SERVICES:
        weir_engine_services_write(d->engine, q->sort, q->max, q->text, j);
        return 0;
    case WEIR_ASK_FLOODS:
        return floods_write(d, q, j, e);
    case WEIR_ASK_EXPLAIN:
        return explain_write(d, q, j, e);
    case WEIR_ASK_BAN:
        return weir_engine_ban(d->engine, &q->prefix, q->seconds, q->scope, q->reason, q->force, e);
    case WEIR_ASK_UNBAN:
        return weir_engine_unban(d->engine, &q->prefix, e);
    case WEIR_ASK_BANS:
        return weir_engine_bans_write(d->engine, j);
    case WEIR_ASK_MODE:
        weir_engine_mode_write(d->engine, q->mode);
        return 0;
    case WEIR_ASK_POLICY_SHOW:
        return weir_engine_policy_write(d->engine, j, e);
    case WEIR_ASK_POLICY_APPLY:
        return policy_apply(d, q, j, e);
    case WEIR_ASK_STOP:
        weir_daemon_stop(d);
        return 0;
    default:
        return -EINVAL;
    }
}

void weir_answer(struct weir_daemon *d, const struct weir_request *q, struct weir_buf *out)
{
    struct weir_json j = { .out = out };
    struct weir_error e = { 0 };
    size_t begin;
    int r;

    if (q->ask == WEIR_ASK_EVENTS) {
        events_answer(d, q, out);
        return;
    }
    begin = weir_frame_begin(out);
    weir_json_object(&j, NULL);
    weir_json_bool(&j, "ok", true);
    r = act(d, q, &j, &e);
    weir_json_object_end(&j);
    weir_frame_end(out, begin);
    if (r >= 0)
        return;
    out->len = begin;
    weir_answer_error(out, r, &e);
}
