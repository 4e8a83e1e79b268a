/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* All maps and load-time switches. Sizes are defaults that the loader sets from limits.* before
 * load; pinning is the loader's. Single structs are global variables in a section of their own,
 * which libbpf makes an array map of one element: the program reads them without a lookup, user
 * space through a shared mapping, field by field. */

#include "abi/ban.h"
#include "abi/control.h"
#include "abi/counters.h"
#include "abi/event.h"
#include "abi/evidence.h"
#include "abi/hello.h"
#include "abi/incident.h"
#include "abi/policy.h"
#include "abi/prefix.h"
/* Stages of the core become global functions. */
#define WEIR_STAGE __attribute__((noinline))

#include "dataplane/conn.h"
#include "dataplane/content.h"
#include "dataplane/cookie.h"
#include "dataplane/decide.h"
#include "dataplane/fragments.h"
#include "dataplane/payload.h"
#include "dataplane/dest_turn.h"
#include "dataplane/pkt.h"
#include "dataplane/target.h"
#include "dataplane/watch.h"
#include "dataplane/window.h"
#include "kept.bpf.h"

/* Switches, fixed at load: what is off leaves no instruction behind. */
const volatile __u64 weir_judged[2] = { ~0ULL, ~0ULL }; /* rows, at ingress */
const volatile __u64 weir_judged_egress[2];             /* rows, at TC egress */
const volatile __u32 weir_abi = WEIR_ABI;
const volatile __u32 weir_row_count = WEIR_ROWS;
const volatile __u32 weir_sum_on = 1;     /* TCP checksums are verified: SYN, FIN, RST always, */
const volatile __u32 weir_sum_mask = 15;  /* and one in weir_sum_mask + 1 of the rest */
const volatile __u32 weir_tunnels_on = 1; /* tunnels are opened and what is inside is judged */
const volatile __u32 weir_test = 0;       /* clock and randomness from weir_control */
/* New incidents per second, hook and CPU, 0 for no limit: a flood of findings from sources never
 * seen before must not cost an LRU insert and a ring record each (360 ns was measured). */
const volatile __u32 weir_incident_rate = 2000;

/* Records of dropped packets per second, hook and CPU; 0: none, and no code for them. */
const volatile __u32 weir_drop_events = 0;
const volatile __u32 weir_flow_on = 1;   /* connections are tracked */
const volatile __u32 weir_flow_mask = 0; /* sets of the tables, minus 1 */
const volatile __u32 weir_half_mask = 0;
const volatile __u32 weir_sources_on = 1;  /* evidence of scans is kept */
const volatile __u32 weir_source_mask = 0; /* sets of that table, minus 1 */
const volatile __u32 weir_gate_mask = 0;
const volatile __u32 weir_content_on = 1; /* bytes are compared */
const volatile __u32 weir_content_mask = 0;
const volatile __u32 weir_payload_on = 1; /* payload is read, of tracked connections */
const volatile __u32 weir_payload_mask = 0;
const volatile __u32 weir_payload_depth = 256; /* bytes of a direction */
const volatile __u32 weir_window_max = 0;      /* limits.window, 0: none */

const volatile __u32 weir_flood_on = 1; /* services are watched; needs connections */
const volatile __u32 weir_dest_mask = 0;
const volatile __u32 weir_cpus = 1; /* that dest_cpu has room for */

/* Evidence: whole packets of an incident; 0: none, and no code for it. */
const volatile __u32 weir_evidence_packets = 0;
const volatile __u32 weir_recent_size =
    0; /* heads that are kept, of each CPU; power of two, 0: none */

const volatile __u32 weir_hellos_on = 0; /* ClientHellos go to user space */

/* The compiled policy. Written: loader (mode: also the CLI, alone). Read: every packet that meets a
 * ban or a finding. Brace-initialised: until the loader writes it, nothing is a finding. */
struct weir_policies policy SEC(".data.policy") = { .rows = WEIR_ROWS };

/* Zones by interface and VLAN, for both images of the policy. Written: loader. Read: packets that
 * meet a ban or a finding, while policy.rules says there are any. Never full: a rule a zone. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 2 * WEIR_ZONES);
    __type(key, struct weir_zone_key);
    __type(value, __u32);
} zones SEC(".maps");

/* Which look-ups are worth making; test clock. Written: loader. Read: every packet. */
struct weir_control control SEC(".data.control") = { 0 };

/* Working memory of one packet, by hook, and one for weir_sweep(): a packet sent from hard
 * interrupt context at egress then does not meet one being judged at ingress. Written and read:
 * bpf/ alone. Never full. */
struct weir_run {
    struct weir_window w;
    struct weir_pkt p;
    struct weir_hits h;
    struct weir_decision d;
    struct weir_track t;
    struct weir_flood f;
    struct weir_dest_cpu counted; /* by all CPUs */
    __u32 record;                 /* loop variable of weir_sweep() */
    struct weir_flow ended;       /* see weir_conn_packet() */
    struct weir_payload_plan plan;
    struct weir_scan scan;
    __u32 scan_off;    /* in the frame, of the next chunk */
    __u32 scan_left;   /* bytes behind this chunk */
    __u32 scan_output; /* next pattern that ends at this byte, or WEIR_OUTPUT_NONE */
    __u32 scan_port;   /* of the server */
    __u64 jiffies;     /* when coarse_ns was read */
    __u64 coarse_ns;
    __u64 second;      /* of the incident allowance */
    __u64 drop_second; /* of the allowance of drop records */
    __u32 drop_allowance;
    __u32 drop_suppressed; /* since the newest record */
    __u32 allowance;
    __u32 ticks; /* checksum sampling */
    __u32 ifindex;
    __u32 from;    /* egress: the interface that a forwarded packet came in by, else 0 */
    __u32 sum_off; /* loop variables of the checksum: see weir_pkt_cursor() */
    __u32 sum_left;
    __u32 sum;
    __u64 hash;                       /* of the connection */
    __u32 at;                         /* its record: weir_conn_where() */
    __u32 compare;                    /* the bytes will be held against earlier ones */
    __u32 read;                       /* the payload will be read, when the packet is taken */
    struct weir_content_span content; /* loop variables of that */
    __u32 differ;
    struct weir_piece piece;
    struct weir_contact contact;
    struct weir_cookie_head head;
    struct weir_cookie_frame reply;
    struct weir_kept kept; /* what evidence says of the packet */
    struct weir_packet_event packet;
    struct weir_hello_event said;
    __u32 hello;        /* it may be of a ClientHello */
    __u64 watch_second; /* of the allowance of new watches */
    __u32 watch_allowance;
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, WEIR_HOOK_MAX + 1);
    __type(key, __u32);
    __type(value, struct weir_run);
} run SEC(".maps");

/* Everything that is counted, by hook. Written: bpf/, every packet. Read: loader, summed over CPUs.
 * Never full, never reset: a daemon that comes back finds the totals. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, WEIR_HOOK_MAX);
    __type(key, __u32);
    __type(value, struct weir_counters);
} counters SEC(".maps");

/* Packets, bytes and drops by interface and hook, see weir_port_place(). Written: bpf/, every
 * packet. Read: loader. Never full, never reset. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, WEIR_PORTS *WEIR_HOOK_MAX);
    __type(key, __u32);
    __type(value, struct weir_port);
} ports SEC(".maps");

/* Banned and denied IPv4 sources, one address each. Written: loader; packets: bpf/. Read: every
 * packet while control.bans4 says there are any. Key: address as on the wire; IPv6 has a map of its
 * own because hashing 4 bytes is cheaper than 16. Size: limits.bans, default 65,536, about 80 bytes
 * each. Full: the insert fails and says so; nothing is evicted, a ban must not end unasked. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __type(key, __u32);
    __type(value, struct weir_ban);
} ban4 SEC(".maps");

/* The same for IPv6. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __type(key, struct weir_ip6);
    __type(value, struct weir_ban);
} ban6 SEC(".maps");

/* Banned and denied IPv4 prefixes, and the allowed holes in them, by a number that the trie below
 * leads to; 0 is none. Written: loader, through a mapping; packets: bpf/. Read: packets without an
 * exact ban that a prefix covers. Size: limits.prefixes, default 131,072, 32 bytes each.
 * Full: entering fails and says so. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_PREFIX4_SLACK + 131072);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_prefix4_entry);
} prefix4 SEC(".maps");

/* The trie that leads to them (abi/prefix.h). Written: loader, through a mapping. Read: packets
 * without an exact ban, while control.prefixes4 says there are prefixes. Size: two nodes of 64
 * bytes for each entry, which is what a /24 far from all others takes; a /32 takes four. Full:
 * entering fails and says so. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_TRIE_ROOTS + WEIR_TRIE_SLACK + 2 * 131072);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_trie_node);
} prefix4_node SEC(".maps");

/* The same prefixes of IPv6, by masked address and length. Written: loader, in batches; packets:
 * bpf/. Read: packets without an exact ban that the index below lets through. Size:
 * limits.prefixes, 16 bytes each, and 96 more per entry that is in use. Full: the insert fails and
 * says so. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 131072);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct weir_prefix6);
    __type(value, struct weir_ban);
} prefix6 SEC(".maps");

/* Their index: lengths in use, by block of the source. Written: loader, through a mapping. Read:
 * packets without an exact ban, while control.prefixes6 says there are any. Never full. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_PREFIX6_BLOCKS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_lengths6);
} prefix6_lengths SEC(".maps");

/* Which prefixes there are, as a Bloom filter; written and read as above. Never full: with more
 * prefixes more look-ups find nothing. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_PREFIX6_FILTER_WORDS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, __u64);
} prefix6_filter SEC(".maps");

/* Sources that nothing may drop, IPv4 mapped. Written: loader. Read: only when a detection asks for
 * a drop; bans were checked against it when they were entered. Full: the insert fails. */
struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 16384);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct weir_prefix6);
    __type(value, __u32);
} allow SEC(".maps");

/* Addresses of this machine, IPv4 mapped. Written: loader. Read: packets whose source passes the
 * bloom filter in weir_control. Full: the insert fails; integrity.own_address misses the rest. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WEIR_OWN_MAX);
    __type(key, struct weir_ip6);
    __type(value, __u32);
} own SEC(".maps");

/* Interfaces whose packets are judged when they come in. Written: loader. Read: at egress, for a
 * forwarded packet on which a row holds: it is not judged a second time; for a SYN that is to be
 * answered. Value: WEIR_INBOUND_*. Full: the insert fails and
 * says so. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WEIR_INBOUND_MAX);
    __type(key, __u32);
    __type(value, __u32);
} inbound SEC(".maps");

/* Established connections, and all others; docs/decisions/003-flow-table.md says why arrays of
 * sets. Written: bpf/, each direction its own half. Read: loader, through a shared mapping; it also
 * frees what is over. Size: limits.flows and limits.half_open, each a multiple of 16 and a power of
 * two; 328 bytes a record, taken at load and for good. Full: the oldest of the lowest class in the
 * set goes, counted FLOW_EVICTED when it was open and reported by an event; HALF_EVICTED else. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 65536 / WEIR_WAYS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_ways);
} flow_ways SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 65536 / WEIR_WAYS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_flow_set);
} flows SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 32768 / WEIR_WAYS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_ways);
} half_ways SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 32768 / WEIR_WAYS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_flow_set);
} half SEC(".maps");

/* What sources of connections tried and what came of it. Written: bpf/, first contacts and their
 * outcomes. Read: loader, through a shared mapping. Size: limits.sources, default 32,768, 328 bytes
 * each, taken at load and for good. Full: see weir_source_admit(), counted SOURCE_EVICTED. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 32768 / WEIR_WAYS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_ways);
} source_ways SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 32768 / WEIR_WAYS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_source_set);
} sources SEC(".maps");

/* Sources without a record, by hash; 8 for each record of those above. Written and read: bpf/, SYNs
 * and stray segments of such sources. Never full: a cell remembers its newest. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 8 * 32768);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_gate);
} gates SEC(".maps");

/* What all sources together do to an address of ours. Written and read: bpf/, as above. 144 bytes
 * each. Full: an address whose place belongs to another that was seen within a minute has no
 * record, counted LOST_TARGET. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_TARGETS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_target);
} targets SEC(".maps");

/* SYNs that differ in nothing but their source. Written and read: bpf/, SYNs of first contacts.
 * Never full: a cell remembers its newest. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_TWINS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_twin);
} twins SEC(".maps");

/* Bytes that connections carried, for seq.overlap_conflict. Written and read: bpf/, segments among
 * the first 16 KiB of a direction. Slots are given out in turn. Size: limits.contents, default
 * 8,192, a power of two, 2,112 bytes each. Full: the slot of the connection that got one first goes
 * to the next; when the former one still sends among its first bytes it is counted LOST_CONTENT and
 * not compared. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 8192);
    __type(key, __u32);
    __type(value, struct weir_content);
} contents SEC(".maps");

/* Connections whose first bytes are being read (abi/payload.h). Written: bpf/, each direction its
 * own half. Read: nobody else. Size: limits.payloads, a power of two, 80 bytes each. Full: the
 * bytes of the connection are read segment by segment, each by itself, counted LOST_PAYLOAD_ENTRY;
 * an entry of a connection that was silent for 10 s is taken by the next. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 16384);
    __type(key, __u32);
    __type(value, struct weir_payload);
} payloads SEC(".maps");

/* Patterns of the policy (abi/signature.h): an automaton in a map of its own, by enum weir_lane.
 * Written: loader, which puts a new map into the slot: a packet sees the old or the new, and the
 * kernel frees the old behind its last reader. Read: segments among the first bytes of a direction.
 * Size: WEIR_PATTERNS_BYTES, for a lane that has patterns; else the slot is empty. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, WEIR_LANES);
    __uint(key_size, sizeof(__u32));
    __array(
        values, struct {
            __uint(type, BPF_MAP_TYPE_ARRAY);
            __uint(max_entries, 1);
            __uint(key_size, sizeof(__u32));
            __uint(value_size, WEIR_PATTERNS_BYTES);
        });
} automata SEC(".maps");

/* Datagrams in fragments (abi/fragment.h). Written and read: bpf/, fragments of TCP, all of IPv6.
 * Size: 1,024, 80 bytes each; an entry is free 30 s after its newest fragment. Full: the fragment
 * is held against nothing, counted LOST_FRAGMENT. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_FRAGMENTS);
    __type(key, __u32);
    __type(value, struct weir_fragments);
} fragments SEC(".maps");

/* Services, addresses and networks that are ours: docs/decisions/007-floods.md. Written: bpf/, the
 * packet that takes the turn; loader, once a second, for those that no packet wakes. Read: packets
 * that are no plain progress of a connection. Size: limits.dests, a multiple of 16 and a power
 * of two; 1,672 bytes a record. Full: the one that was quiet longest goes, of those that never
 * answered first; counted DEST_EVICTED, or LOST_DEST when there is none. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 4096 / WEIR_WAYS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_dest_set);
} dests SEC(".maps");

/* What each CPU counted for each of them: record * weir_cpus + CPU. Written: bpf/, plain
 * increments. Read: whoever takes a turn. Size: that of targets, for each possible CPU 128 bytes.
 * Never full. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 4096);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_dest_cpu);
} dest_cpu SEC(".maps");

/* Running incidents. Written: bpf/, every finding; deleted: loader's sweep when over. Size:
 * limits.incidents, default 65,536, about 150 bytes each. Full: LRU evicts the coldest without
 * telling us: its last event is lost, which INCIDENT_NEW against the live entries shows; counts per
 * row stay exact in counters. Insertion is limited by weir_incident_rate. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 65536);
    __type(key, struct weir_incident_key);
    __type(value, struct weir_incident);
} incidents SEC(".maps");

/* Sources whose packets are kept whole, by keyed hash. Written and read: bpf/, while one is
 * watched. Full: an incident whose place is another's has no file, counted LOST_WATCH. Not pinned.
 */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_WATCHES);
    __type(key, __u32);
    __type(value, struct weir_watch);
} watches SEC(".maps");

/* No source is watched any more at this time. Written: bpf/, when a watch begins. Read: bpf/, every
 * packet, with evidence on. */
__u64 weir_watch_until;

#include "rings.bpf.h"
