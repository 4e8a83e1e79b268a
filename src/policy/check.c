/* SPDX-License-Identifier: Apache-2.0 */

/* What no single value shows: things that must differ, go together, or exclude each other. */

#include <string.h>

#include "policy/read.h"

/* Was nothing written to match by? A value that did not fit is told already. */
static bool zone_matches_nothing(const struct weir_settings *s, size_t i)
{
    const struct weir_node *zone = weir_node_get(s->root, "zones")->child;

    while (i--)
        zone = zone->next;
    zone = zone->kind == WEIR_NODE_MAPPING ? weir_node_get(zone, "match") : zone;
    return !zone || (zone->kind == WEIR_NODE_MAPPING ? !zone->child : weir_node_is_empty(zone));
}

static void zone_check(const struct weir_settings *s, size_t i, struct weir_faults *f)
{
    const struct weir_zone_setting *z = &s->zones.v[i];

    if (zone_matches_nothing(s, i))
        weir_faults_add(f, z->at, "zones[%zu].match: nothing; expected vlan, interface or both", i);
    for (size_t j = 0; j < i; j++) {
        const struct weir_zone_setting *o = &s->zones.v[j];
        bool same_interface = z->interface && o->interface ? !strcmp(z->interface, o->interface)
                                                           : z->interface == o->interface;

        if (z->name && o->name && !strcmp(z->name, o->name))
            weir_faults_add(f, z->at, "zones[%zu].name: %s: is the name of zones[%zu] on line %u",
                            i, z->name, j, o->at.line);
        if (same_interface && z->vlan == o->vlan && (z->interface || z->vlan != WEIR_UNSET))
            weir_faults_add(f, z->at, "zones[%zu].match: is what zones[%zu] on line %u matches", i,
                            j, o->at.line);
    }
}

static void interfaces_check(const struct weir_settings *s, struct weir_faults *f)
{
    for (size_t i = 0; i < s->interfaces.n; i++) {
        const struct weir_interface_setting *a = &s->interfaces.v[i];

        for (size_t j = 0; j < i && a->match; j++) {
            const struct weir_interface_setting *b = &s->interfaces.v[j];

            if (b->match && !strcmp(a->match, b->match))
                weir_faults_add(f, a->at,
                                "interfaces[%zu].match: %s: given twice, first on line %u", i,
                                a->match, b->at.line);
        }
    }
}

static bool listen_equal(const struct weir_listen *a, const struct weir_listen *b)
{
    return a->port == b->port && a->any == b->any && !memcmp(a->addr, b->addr, 16);
}

/* Who listens where `at` does, of the services before i and the places before k of service i? */
static const struct weir_service_setting *listener(const struct weir_settings *s, size_t i,
                                                   size_t k)
{
    const struct weir_listen *at = &s->services.v[i].listen.v[k].listen;

    for (size_t j = 0; at->port && j <= i; j++) {
        const struct weir_service_setting *o = &s->services.v[j];

        for (size_t l = 0; l < (j == i ? k : o->listen.n); l++)
            if (listen_equal(at, &o->listen.v[l].listen))
                return o;
    }
    return NULL;
}

static void services_check(const struct weir_settings *s, struct weir_faults *f)
{
    for (size_t i = 0; i < s->services.n; i++) {
        const struct weir_service_setting *a = &s->services.v[i];

        for (size_t j = 0; j < i && a->name; j++)
            if (s->services.v[j].name && !strcmp(a->name, s->services.v[j].name))
                weir_faults_add(f, a->at,
                                "services[%zu].name: %s: is the name of services[%zu] on line %u",
                                i, a->name, j, s->services.v[j].at.line);
        for (size_t k = 0; k < a->listen.n; k++) {
            const struct weir_service_setting *o = listener(s, i, k);
            char text[WEIR_VALUE_TEXT];

            if (o)
                weir_faults_add(f, a->listen.v[k].at,
                                "services[%zu].listen[%zu]: %s: given twice, first in the service "
                                "on line %u",
                                i, k, weir_listen_format(&a->listen.v[k].listen, text), o->at.line);
        }
    }
}

static void detections_check(const struct weir_detection_setting *d, size_t n,
                             struct weir_faults *f)
{
    for (size_t i = 0; i < n; i++)
        if (d[i].for_s != WEIR_UNSET && d[i].action != WEIR_ACTION_BAN && d[i].action != WEIR_UNSET)
            weir_faults_add(f, d[i].at, "for: is the time of a ban; expected action: ban with it");
}

static void sources_check(const char *name, const struct weir_source_setting *v, size_t n,
                          struct weir_faults *f)
{
    for (size_t i = 0; i < n; i++) {
        bool prefix = v[i].prefix.bits != WEIR_PREFIX_NONE;

        if (prefix && v[i].file)
            weir_faults_add(f, v[i].at, "%s[%zu]: prefix and file; expected one of them", name, i);
        if (v[i].name && !prefix)
            weir_faults_add(f, v[i].at, "%s[%zu]: name of a list; expected a prefix with it", name,
                            i);
    }
}

void weir_settings_check(struct weir_settings *s, struct weir_faults *f)
{
    for (size_t i = 0; i < s->zones.n; i++) {
        zone_check(s, i, f);
        detections_check(s->zones.v[i].detections.v, s->zones.v[i].detections.n, f);
    }
    interfaces_check(s, f);
    services_check(s, f);
    detections_check(s->detections.v, s->detections.n, f);
    sources_check("allow", s->allow.v, s->allow.n, f);
    sources_check("deny", s->deny.v, s->deny.n, f);
    sources_check("protect", s->protect.v, s->protect.n, f);
}
