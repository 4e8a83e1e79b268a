/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/schema.h"

#include <string.h>

#include "abi/signature.h"
#include "policy/automaton.h"

#define CHOICES(table) .names = (table), .choices = sizeof(table) / sizeof((table)[0])
#define ROOT(field) .offset = offsetof(struct weir_settings, field)
#define IN(type, field) .offset = offsetof(struct weir_##type##_setting, field)
#define OF(type) .size = sizeof(struct weir_##type##_setting)

static const char *const mode_names[] = {
    [WEIR_MODE_OBSERVE] = "observe", [WEIR_MODE_ENFORCE] = "enforce"
};
static const char *const attach_names[] = { [WEIR_ATTACH_SETTING_AUTO] = "auto",
                                            [WEIR_ATTACH_SETTING_XDP] = "xdp",
                                            [WEIR_ATTACH_SETTING_XDP_GENERIC] = "xdp-generic",
                                            [WEIR_ATTACH_SETTING_TC] = "tc" };
static const char *const check_names[] = {
    [WEIR_CHECK_STRICT] = "strict", [WEIR_CHECK_LIBERAL] = "liberal"
};

static const char *const cookies_names[] = {
    [WEIR_COOKIES_OFF] = "off", [WEIR_COOKIES_ALWAYS] = "always", [WEIR_COOKIES_AUTO] = "auto"
};
static const char *const sysctl_names[] = {
    [WEIR_COOKIES_SYSCTL_KEEP] = "keep", [WEIR_COOKIES_SYSCTL_SET] = "set"
};
static const char *const case_names[] = { "no", "yes" };
static const char *const direction_names[] = { [WEIR_SIGNATURE_ANY] = "any",
                                               [WEIR_SIGNATURE_TO_SERVER] = "to_server",
                                               [WEIR_SIGNATURE_TO_CLIENT] = "to_client" };
static const char *const signature_names[] = { [WEIR_SIGNATURE_COUNT] = "count",
                                               [WEIR_SIGNATURE_ALERT] = "alert",
                                               [WEIR_SIGNATURE_DROP] = "drop" };

static const char *const tls_names[] = { [WEIR_CLIENT_ALERT] = "alert", [WEIR_CLIENT_BAN] = "ban" };

#define NO(name) NULL
#define YES(name) name
static const char *const action_names[] = {
#define ACTION(NAME, name, drops, policy, ...) policy(name),
#include "abi/actions.def"
#undef ACTION
};

const struct weir_key weir_keys[] = {
    { "mode", WEIR_KEY_CHOICE, ROOT(mode), CHOICES(mode_names), .initial = "observe",
      .doc = "`observe` reports what would be dropped and drops nothing, in no zone; `enforce` "
             "drops" },

    { "interfaces", WEIR_KEY_LIST, ROOT(interfaces), .max = 64, .without = "those of `weir run -i`",
      .doc = "what `weir run` inspects when it is given no `-i`" },
    { "interfaces[]", WEIR_KEY_MAP, OF(interface), .shorthand = "match", .doc = "one interface" },
    { "interfaces[].match", WEIR_KEY_PATTERN, .required = true, IN(interface, match),
      .doc = "its name; with `*` every interface of that pattern that there is at the start" },
    { "interfaces[].attach", WEIR_KEY_CHOICE, IN(interface, attach), CHOICES(attach_names),
      .initial = "auto", .doc = "as `weir run --attach`" },

    { "zones", WEIR_KEY_LIST, ROOT(zones), .max = WEIR_ZONES - 1, .without = "one zone",
      .doc = "parts of the traffic that are judged differently; a packet is in the zone of its "
             "VLAN and interface, else of its VLAN, else of its interface, else in none" },
    { "zones[]", WEIR_KEY_MAP, OF(zone), .doc = "one zone" },
    { "zones[].name", WEIR_KEY_WORD, .required = true, IN(zone, name), .max = 31,
      .doc = "what it is called, once" },
    { "zones[].match", WEIR_KEY_MAP, .doc = "which packets are in it: at least one of its keys" },
    { "zones[].match.vlan", WEIR_KEY_NUMBER, IN(zone, vlan), .min = 1, .max = 4094,
      .without = "any", .doc = "outer VLAN id" },
    { "zones[].match.interface", WEIR_KEY_INTERFACE, IN(zone, interface), .without = "any",
      .doc = "interface that the packet came in by, or leaves by" },
    { "zones[].mode", WEIR_KEY_CHOICE, IN(zone, mode), CHOICES(mode_names), .without = "`mode`",
      .doc = "`observe`: nothing is dropped in this zone. `enforce` is what `mode` says" },
    { "zones[].check", WEIR_KEY_CHOICE, IN(zone, check), CHOICES(check_names), .initial = "strict",
      .doc = "`liberal`: connections that begin here are not judged by windows and numbers: for "
             "where only one direction, or not all of it, is seen" },
    { "zones[].detections", WEIR_KEY_DICT, IN(zone, detections), .max = WEIR_ROW_MAX,
      .without = "`detections`", .doc = "other actions in this zone" },
    { "zones[].detections.*", WEIR_KEY_MAP, OF(detection), .shorthand = "action",
      .doc = "one detection, by its name" },
    { "zones[].detections.*.action", WEIR_KEY_CHOICE, .required = true, IN(detection, action),
      CHOICES(action_names), .doc = "as `detections.*.action`" },
    { "zones[].detections.*.for", WEIR_KEY_DURATION, IN(detection, for_s), .min = 1,
      .max = 365 * 86400, .without = "`bans.for`", .doc = "as `detections.*.for`" },

    { "allow", WEIR_KEY_LIST, ROOT(allow), .max = 16384, .without = "nobody",
      .doc = "sources that nothing drops, neither ban nor list nor detection" },
    { "allow[]", WEIR_KEY_MAP, OF(source), .shorthand = "prefix", .doc = "a prefix or a file" },
    { "allow[].prefix", WEIR_KEY_PREFIX, IN(source, prefix), .without = "`file`",
      .doc = "address or ADDR/LEN" },
    { "allow[].file", WEIR_KEY_FILE, IN(source, file), .without = "`prefix`",
      .doc = "a list, relative to the policy" },
    { "allow[].name", WEIR_KEY_WORD, IN(source, name), .max = 31, .without = "none",
      .doc = "of a known scanner or monitor, with `prefix`: its scans are told as info, by this "
             "name" },

    { "deny", WEIR_KEY_LIST, ROOT(deny), .max = 16384, .without = "nobody",
      .doc = "sources of which every IP packet is dropped" },
    { "deny[]", WEIR_KEY_MAP, OF(source), .shorthand = "prefix", .doc = "a prefix or a file" },
    { "deny[].prefix", WEIR_KEY_PREFIX, IN(source, prefix), .without = "`file`",
      .doc = "address or ADDR/LEN" },
    { "deny[].file", WEIR_KEY_FILE, IN(source, file), .without = "`prefix`",
      .doc = "a list, relative to the policy" },
    { "deny[].reason", WEIR_KEY_TEXT, IN(source, reason), .max = 127, .without = "its place",
      .doc = "what `weir bans` shows" },

    { "protect", WEIR_KEY_LIST, ROOT(protect), .max = 16384,
      .without = "the addresses of this machine",
      .doc = "addresses that are ours: `weir replay` tells directions by them" },
    { "protect[]", WEIR_KEY_MAP, OF(source), .shorthand = "prefix", .doc = "a prefix or a file" },
    { "protect[].prefix", WEIR_KEY_PREFIX, IN(source, prefix), .without = "`file`",
      .doc = "address or ADDR/LEN" },
    { "protect[].file", WEIR_KEY_FILE, IN(source, file), .without = "`prefix`",
      .doc = "a list, relative to the policy" },

    { "services", WEIR_KEY_LIST, ROOT(services), .max = 1024, .without = "none",
      .doc = "servers that have a name. No detection of this version asks" },
    { "services[]", WEIR_KEY_MAP, OF(service), .doc = "one service" },
    { "services[].name", WEIR_KEY_WORD, .required = true, IN(service, name), .max = 31,
      .doc = "what it is called, once" },
    { "services[].listen", WEIR_KEY_LIST, .required = true, IN(service, listen), .min = 1,
      .max = 64, .doc = "where it listens" },
    { "services[].listen[]", WEIR_KEY_LISTEN, OF(listen),
      .offset = offsetof(struct weir_listen_setting, listen),
      .doc = "ADDR:PORT, [ADDR]:PORT, or *:PORT for any address" },

    { "detections", WEIR_KEY_DICT, ROOT(detections), .max = WEIR_ROW_MAX,
      .without = "as docs/detections.md says",
      .doc = "other actions than the catalogue's, in either mode" },
    { "detections.*", WEIR_KEY_MAP, OF(detection), .shorthand = "action",
      .doc = "one detection, by its name" },
    { "detections.*.action", WEIR_KEY_CHOICE, .required = true, IN(detection, action),
      CHOICES(action_names), .doc = "what is done about it, see below" },
    { "detections.*.for", WEIR_KEY_DURATION, IN(detection, for_s), .min = 1, .max = 365 * 86400,
      .without = "`bans.for`", .doc = "how long, with `action: ban`" },

    { "cookies", WEIR_KEY_MAP, .doc = "SYN cookies for listeners of this machine, sent from XDP" },
    { "cookies.when", WEIR_KEY_CHOICE, ROOT(cookies.when), CHOICES(cookies_names),
      .initial = "auto",
      .doc = "`auto`: while a service is under a SYN flood, each SYN for which its kernel makes a "
             "cookie is answered with it; `always`: at any time" },
    { "cookies.sysctl", WEIR_KEY_CHOICE, ROOT(cookies.sysctl), CHOICES(sysctl_names),
      .initial = "keep",
      .doc = "`set`: while weir enforces `net.ipv4.tcp_syncookies` is at least 1, with `always` 2; "
             "it is put back when weir ends" },

    { "payload", WEIR_KEY_MAP, .doc = "what connections carry" },
    { "payload.patterns", WEIR_KEY_LIST, ROOT(patterns), .max = 16384, .without = "none",
      .doc = "bytes that are looked for: the kernel among the first 256 of each direction of a "
             "connection, `weir replay` in all of it, over the borders of segments that come in "
             "order" },
    { "payload.patterns[]", WEIR_KEY_MAP, OF(pattern), .doc = "one pattern" },
    { "payload.patterns[].name", WEIR_KEY_WORD, .required = true, IN(pattern, name), .max = 31,
      .doc = "what it is called, once" },
    { "payload.patterns[].text", WEIR_KEY_TEXT, IN(pattern, text), .max = WEIR_PATTERN_BYTES_MAX,
      .without = "`bytes`", .doc = "the bytes themselves" },
    { "payload.patterns[].bytes", WEIR_KEY_TEXT, IN(pattern, bytes), .max = 1023,
      .without = "`text`", .doc = "the bytes as pairs of hexadecimal digits, with blanks at will" },
    { "payload.patterns[].ignore_case", WEIR_KEY_CHOICE, IN(pattern, ignore_case),
      CHOICES(case_names), .initial = "no", .doc = "ASCII letters match in either case" },
    { "payload.patterns[].ports", WEIR_KEY_LIST, IN(pattern, ports), .max = WEIR_SIGNATURE_PORTS,
      .without = "any", .doc = "ports of the server" },
    { "payload.patterns[].ports[]", WEIR_KEY_NUMBER, OF(port), IN(port, port), .min = 1,
      .max = 65535, .doc = "one port" },
    { "payload.patterns[].direction", WEIR_KEY_CHOICE, IN(pattern, direction),
      CHOICES(direction_names), .initial = "any", .doc = "who must send it" },
    { "payload.patterns[].action", WEIR_KEY_CHOICE, IN(pattern, action), CHOICES(signature_names),
      .initial = "alert",
      .doc = "`count` and `alert`: `payload.signature`; `drop`: `payload.signature_drop`, whose "
             "own action holds" },

    { "payload.tls", WEIR_KEY_LIST, ROOT(tls), .max = 4096, .without = "none",
      .doc = "TLS clients that are looked for, by their ClientHello: an entry matches when all of "
             "its keys do, and the first that matches counts" },
    { "payload.tls[]", WEIR_KEY_MAP, OF(tls), .doc = "one entry" },
    { "payload.tls[].name", WEIR_KEY_WORD, .required = true, IN(tls, name), .max = 31,
      .doc = "what it is called, once" },
    { "payload.tls[].sni", WEIR_KEY_TEXT, IN(tls, sni), .max = 255, .without = "any",
      .doc = "host name that the client asks for, in either case; `*.` in front: any name below" },
    { "payload.tls[].ja3", WEIR_KEY_TEXT, IN(tls, ja3), .max = 32, .without = "any",
      .doc = "its JA3, 32 hexadecimal digits" },
    { "payload.tls[].ja4", WEIR_KEY_TEXT, IN(tls, ja4), .max = 36, .without = "any",
      .doc = "its JA4, 36 characters" },
    { "payload.tls[].action", WEIR_KEY_CHOICE, IN(tls, action), CHOICES(tls_names),
      .initial = "alert",
      .doc = "`alert`: `payload.signature`, whose own action holds; `ban`: its source is banned, "
             "too, in a zone that enforces" },

    { "bans", WEIR_KEY_MAP, .doc = "bans that detections ask for" },
    { "bans.for", WEIR_KEY_DURATION, ROOT(bans.for_s), .min = 1, .max = 365 * 86400,
      .initial = "1h", .doc = "how long, where the detection does not say" },
    { "bans.max_per_minute", WEIR_KEY_NUMBER, ROOT(bans.max_per_minute), .min = 1, .max = 1000000,
      .initial = "100", .doc = "new bans beyond that are reported and not made" },
    { "bans.escalate", WEIR_KEY_FACTOR, ROOT(bans.escalate), .min = 100, .max = 10000,
      .initial = "1x", .doc = "each further ban of a source is that much longer" },
    { "bans.never", WEIR_KEY_LIST, ROOT(bans.never), .max = 1024,
      .initial = "gateway resolvers management",
      .doc = "sources that are not banned; `weir ban` says so, and `--force` bans them" },
    { "bans.never[]", WEIR_KEY_NEVER, OF(never),
      .offset = offsetof(struct weir_never_setting, never),
      .doc = "next hops of default routes, name servers of /etc/resolv.conf, peers of SSH "
             "sessions, or addresses" },

    { "evidence", WEIR_KEY_MAP,
      .doc = "files of packets about incidents, with `--evidence DIR`; it holds from the next "
             "start" },
    { "evidence.recent", WEIR_KEY_NUMBER, ROOT(evidence.recent), .power_of_two = true, .min = 64,
      .max = 1 << 20, .initial = "4096",
      .doc = "packets whose first 128 bytes are kept, of each processor and in each file" },
    { "evidence.packets", WEIR_KEY_NUMBER, ROOT(evidence.packets), .min = 1, .max = 100000,
      .initial = "64", .doc = "whole packets from and to the source of an incident" },
    { "evidence.file", WEIR_KEY_BYTES, ROOT(evidence.file), .min = 4096, .max = 1ULL << 40,
      .initial = "4MiB", .doc = "bytes of a file" },
    { "evidence.keep", WEIR_KEY_BYTES, ROOT(evidence.keep), .min = 4096, .max = 1ULL << 50,
      .initial = "256MiB", .doc = "bytes of all files together: the oldest go" },
    { "evidence.age", WEIR_KEY_DURATION, ROOT(evidence.age_s), .min = 60, .max = 3650ULL * 86400,
      .initial = "7d", .doc = "how old a file may get" },

    { "limits", WEIR_KEY_MAP,
      .doc = "sizes of the kernel's tables; they hold from the next start without pins" },
    { "limits.bans", WEIR_KEY_NUMBER, ROOT(limits.bans), .min = 64, .max = 16000000,
      .initial = "65536", .doc = "banned or denied single addresses, for IPv4 and for IPv6" },
    { "limits.prefixes", WEIR_KEY_NUMBER, ROOT(limits.prefixes), .min = 64, .max = 4000000,
      .initial = "131072", .doc = "banned or denied prefixes, for IPv4 and for IPv6" },
    { "limits.allow", WEIR_KEY_NUMBER, ROOT(limits.allow), .min = 64, .max = 1000000,
      .initial = "16384", .doc = "allowed prefixes" },
    { "limits.incidents", WEIR_KEY_NUMBER, ROOT(limits.incidents), .min = 4096, .max = 16000000,
      .initial = "65536", .doc = "incidents that go on at the same time" },
    { "limits.flows", WEIR_KEY_NUMBER, ROOT(limits.flows), .power_of_two = true, .min = 1024,
      .max = 1 << 24, .initial = "65536",
      .doc = "established connections that are tracked, 328 bytes each" },
    { "limits.half_open", WEIR_KEY_NUMBER, ROOT(limits.half_open), .power_of_two = true,
      .min = 1024, .max = 1 << 24, .initial = "32768",
      .doc = "connections that are not established yet, or never will be, 328 bytes each" },
    { "limits.contents", WEIR_KEY_NUMBER, ROOT(limits.contents), .power_of_two = true, .min = 1024,
      .max = 1 << 22, .initial = "8192",
      .doc = "connections whose first bytes are remembered, to be compared with what is sent "
             "again, 2112 bytes each" },
    { "limits.payloads", WEIR_KEY_NUMBER, ROOT(limits.payloads), .power_of_two = true, .min = 1024,
      .max = 1 << 24, .initial = "16384",
      .doc = "connections whose first bytes are being read, 80 bytes each" },
    { "limits.events_high", WEIR_KEY_BYTES, ROOT(limits.events_high), .power_of_two = true,
      .min = 4096, .max = 1ULL << 30, .initial = "256KiB",
      .doc = "ring of events of high severity" },
    { "limits.events_bulk", WEIR_KEY_BYTES, ROOT(limits.events_bulk), .power_of_two = true,
      .min = 4096, .max = 1ULL << 30, .initial = "4MiB", .doc = "ring of all other events" },
};
const size_t weir_keys_n = sizeof(weir_keys) / sizeof(weir_keys[0]);

const struct weir_key *weir_key_find(const char *path, const char *below)
{
    size_t len = strlen(path);
    bool dot = len && *below && *below != '[';

    for (size_t i = 0; i < weir_keys_n; i++) {
        const char *p = weir_keys[i].path;

        if (!strncmp(p, path, len) && (!dot || p[len] == '.') && !strcmp(p + len + dot, below))
            return &weir_keys[i];
    }
    return NULL;
}

bool weir_key_is_below(const struct weir_key *row, const char *path)
{
    size_t len = strlen(path);
    const char *rest = row->path + len;

    if (strncmp(row->path, path, len) != 0 || (len && *rest++ != '.'))
        return false;
    return *rest && !strpbrk(rest, ".[");
}
