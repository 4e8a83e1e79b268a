/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/services_write.h"

#include "base/addr.h"

/* "12.3" */
static void ms_print(const struct weir_service *v, enum weir_spread which, struct weir_buf *out)
{
    static const unsigned point[] = { 50, 90 };
    struct weir_histogram h;

    weir_service_spread(v, which, &h);
    for (size_t i = 0; i < 2; i++) {
        double ms = (double)weir_histogram_percentile(&h, point[i]) * (1 << WEIR_FINE_SHIFT) / 1e6;

        if (!h.n)
            weir_buf_addf(out, " %7s", "-");
        else
            weir_buf_addf(out, " %7.*f", ms < 100 ? 2 : 0, ms);
    }
}

static void percent_print(const struct weir_service_side *s, struct weir_buf *out)
{
    if (!s->packets)
        weir_buf_addf(out, " %6s", "-");
    else
        weir_buf_addf(out, " %6.2f", 100.0 * (double)s->retransmitted / (double)s->packets);
}

static void bytes_print(uint64_t n, struct weir_buf *out)
{
    static const char unit[] = " KMGTPE";
    double v = (double)n;
    unsigned i = 0;

    while (v >= 1000 && i + 1 < sizeof(unit) - 1) {
        v /= 1000;
        i++;
    }
    weir_buf_addf(out, i ? " %6.*f%c" : " %7.*f", v < 10 && i ? 1 : 0, v, unit[i]);
}

static void service_print(const struct weir_service *v, struct weir_buf *out)
{
    struct weir_service_sum sum = weir_service_total(v);
    char text[WEIR_ADDR_TEXT];
    size_t start = out->len;

    weir_buf_addf(out, weir_addr_is_ip4(v->addr) ? "%s:%u" : "[%s]:%u",
                  weir_addr_format(v->addr, text), v->port);
    if (!out->failed && out->len - start < 30)
        weir_buf_addf(out, "%*s", (int)(30 - (out->len - start)), "");
    weir_buf_addf(out, " %8llu %7llu %6llu", (unsigned long long)sum.connections,
                  (unsigned long long)sum.running, (unsigned long long)weir_service_failures(v));
    ms_print(v, WEIR_SPREAD_SYNACK, out);
    ms_print(v, WEIR_SPREAD_ACK, out);
    ms_print(v, v->local ? WEIR_SPREAD_RTT_CLIENT : WEIR_SPREAD_RTT_SERVER, out);
    percent_print(&sum.side[WEIR_SIDE_CLIENT], out);
    percent_print(&sum.side[WEIR_SIDE_SERVER], out);
    weir_buf_addf(out, " %7llu %6llu",
                  (unsigned long long)(sum.side[0].zero_ms + sum.side[1].zero_ms),
                  (unsigned long long)(sum.side[0].resets + sum.side[1].resets));
    bytes_print(sum.side[WEIR_SIDE_CLIENT].bytes, out);
    bytes_print(sum.side[WEIR_SIDE_SERVER].bytes, out);
    weir_buf_add_char(out, '\n');
}

static void other_print(const struct weir_services *s, size_t shown, struct weir_buf *out)
{
    const struct weir_service_sum *other = weir_services_other(s);
    uint64_t failed = 0;

    for (unsigned i = 0; i < WEIR_ATTEMPT_MAX; i++)
        failed += other->failed[i];
    if (weir_services_count(s) > shown)
        weir_buf_addf(out, "and %llu more\n", (unsigned long long)weir_services_count(s) - shown);
    if (other->connections)
        weir_buf_addf(out, "without room in the table: %llu connections\n",
                      (unsigned long long)other->connections);
    if (failed)
        weir_buf_addf(out, "elsewhere: %llu failed attempts\n", (unsigned long long)failed);
}

void weir_services_print(const struct weir_services *s, enum weir_service_sort sort, size_t max,
                         struct weir_buf *out)
{
    const struct weir_service *top[WEIR_SERVICES_WRITTEN];
    size_t n = weir_services_top(s, sort, top, max);

    weir_buf_addf(out, "%-30s %8s %7s %6s %15s %15s %15s %13s %7s %6s %15s\n", "", "", "", "",
                  "to server ms", "to client ms", "round trip ms", "sent again %", "window", "",
                  "payload");
    weir_buf_addf(out, "%-30s %8s %7s %6s %7s %7s %7s %7s %7s %7s %6s %6s %7s %6s %7s %7s\n",
                  "service", "conns", "running", "failed", "p50", "p90", "p50", "p90", "p50", "p90",
                  "client", "server", "0 ms", "resets", "in", "out");
    for (size_t i = 0; i < n; i++)
        service_print(top[i], out);
    other_print(s, n, out);
}
