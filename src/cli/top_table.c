/* SPDX-License-Identifier: Apache-2.0 */

/* Rows to lines of text, and to one object. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/top.h"

#define CELL 256 /* a longer text is cut */

void weir_top_push(struct weir_top *t, json_t *reply)
{
    json_decref(t->before);
    t->before = t->now;
    t->now = reply;
}

void weir_top_free(struct weir_top *t)
{
    json_decref(t->now);
    json_decref(t->before);
    t->now = t->before = NULL;
}

struct order {
    const struct weir_top_view *view;
    enum weir_top_sort sort;
};

static int compare_number(const json_t *a, const json_t *b, const char *key)
{
    double x = json_number_value(json_object_get(a, key));
    double y = json_number_value(json_object_get(b, key));

    return (y > x) - (y < x);
}

/* The larger first; what is equal by the key that was asked for goes on by the next. */
static int compare(const void *a, const void *b, void *arg)
{
    const struct order *o = arg;
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    const char *name_x = json_string_value(json_object_get(x, o->view->name_key));
    const char *name_y = json_string_value(json_object_get(y, o->view->name_key));
    int d = 0;

    if (o->sort == WEIR_TOP_BY_RATE)
        d = compare_number(x, y, o->view->rate_key);
    if (!d && o->sort != WEIR_TOP_BY_NAME)
        d = compare_number(x, y, o->view->total_key);
    return d ? d : strcmp(name_x ? name_x : "", name_y ? name_y : "");
}

json_t *weir_top_rows(const struct weir_top *t, const struct weir_top_view *v)
{
    const struct order order = { v, t->sort };
    json_t *rows = v->rows(t), *sorted, **row;
    size_t n = json_array_size(rows);

    if (!v->name_key || n < 2)
        return rows;
    row = calloc(n, sizeof(*row));
    sorted = json_array();
    for (size_t i = 0; row && i < n; i++)
        row[i] = json_array_get(rows, i);
    if (row)
        qsort_r(row, n, sizeof(*row), compare, (void *)(uintptr_t)&order);
    for (size_t i = 0; row && i < n; i++)
        (void)json_array_append(sorted, row[i]);
    free(row);
    json_decref(rows);
    return sorted;
}

/* At most five characters: 0.4, 999, 9999, 12.3k, 456M. */
static void number_text(double v, bool whole, char *text, size_t size)
{
    static const char unit[] = " kMGTPE";
    unsigned step = 0;

    while (v >= (step ? 999.5 : 9999.5) && step < sizeof(unit) - 2) {
        v /= 1000;
        step++;
    }
    if (step)
        (void)snprintf(text, size, v < 99.95 ? "%.1f%c" : "%.0f%c", v, unit[step]);
    else if (!whole && v > 0 && v < 9.95)
        (void)snprintf(text, size, "%.1f", v);
    else
        (void)snprintf(text, size, "%.0f", v);
}

/* Names come from elsewhere: nothing in them may steer a terminal. */
static void safe_text(const char *from, char *to, size_t size)
{
    size_t n = 0;

    for (; *from && n + 1 < size; from++)
        to[n++] = *from >= ' ' && *from < 0x7f ? *from : '?';
    to[n] = '\0';
}

static void cell_text(const json_t *row, const struct weir_top_column *c, char text[CELL])
{
    const json_t *v = json_object_get(row, c->key);

    text[0] = '\0';
    if (c->kind == WEIR_TOP_TEXT && json_is_string(v))
        safe_text(json_string_value(v), text, CELL);
    else if (c->kind == WEIR_TOP_RATE || c->kind == WEIR_TOP_COUNT)
        number_text(json_number_value(v), c->kind == WEIR_TOP_COUNT, text, CELL);
    else if (c->kind == WEIR_TOP_SECONDS && v)
        (void)snprintf(text, CELL, "%.0f", json_number_value(v));
    else if (c->kind == WEIR_TOP_MILLISECONDS && v)
        (void)snprintf(text, CELL, "%.*f", json_number_value(v) < 100 ? 2 : 0,
                       json_number_value(v));
}

/* One line, cut at width. */
static void line_end(struct weir_buf *out, size_t begin, size_t width)
{
    if (width && !out->failed && out->len - begin > width)
        out->len = begin + width;
    while (!out->failed && out->len > begin && out->data[out->len - 1] == ' ')
        out->len--;
    weir_buf_add_char(out, '\n');
}

static void cell_add(struct weir_buf *out, const struct weir_top_column *c, const char *text)
{
    if (c->kind == WEIR_TOP_TEXT)
        weir_buf_addf(out, "%-*s ", c->width, text);
    else
        weir_buf_addf(out, "%*s ", c->width, text);
}

static void heading_add(struct weir_buf *out, const struct weir_top_view *v, size_t width)
{
    size_t begin = out->len;

    for (const struct weir_top_column *c = v->columns; c->key; c++)
        cell_add(out, c, c == v->columns ? v->name : c->heading);
    line_end(out, begin, width);
}

static void row_add(struct weir_buf *out, const struct weir_top_view *v, const json_t *row,
                    size_t width)
{
    size_t begin = out->len;
    char text[CELL];

    for (const struct weir_top_column *c = v->columns; c->key; c++) {
        cell_text(row, c, text);
        cell_add(out, c, text);
    }
    line_end(out, begin, width);
}

size_t weir_top_table(const struct weir_top *t, const struct weir_top_view *v, size_t max_rows,
                      size_t width, struct weir_buf *out)
{
    json_t *rows = weir_top_rows(t, v);
    size_t n = json_array_size(rows), all = v->of ? v->of(t) : n;
    size_t shown = n < max_rows ? n : max_rows, lines = shown + 1, begin;

    if (all > shown && shown == max_rows && shown)
        shown--; /* its line says how many more there are */
    heading_add(out, v, width);
    for (size_t i = 0; i < shown; i++)
        row_add(out, v, json_array_get(rows, i), width);
    if (all > shown && max_rows) {
        begin = out->len;
        weir_buf_addf(out, "  %zu more", all - shown);
        line_end(out, begin, width);
        lines = shown + 2;
    }
    json_decref(rows);
    return lines;
}

void weir_top_title(const struct weir_top *t, size_t width, struct weir_buf *out)
{
    static const char *const sort[WEIR_TOP_SORTS] = { "rate", "total", "name" };
    const char *mode = json_string_value(json_object_get(t->now, "mode"));
    size_t begin = out->len;
    char safe[CELL];

    safe_text(mode ? mode : "", safe, sizeof(safe));
    weir_buf_addf(out, "weir top  %s  by %s", safe, sort[t->sort]);
    if (t->before)
        weir_buf_addf(out, "  over %.1f s", weir_top_seconds(t));
    line_end(out, begin, width);
}

json_t *weir_top_json(const struct weir_top *t)
{
    json_t *all = json_pack("{s:O?,s:f}", "mode", json_object_get(t->now, "mode"), "seconds",
                            weir_top_seconds(t));

    for (const struct weir_top_view *v = weir_top_views; all && v->name; v++) {
        char key[64];

        (void)json_object_set_new(all, v->name, weir_top_rows(t, v));
        (void)snprintf(key, sizeof(key), "%s_in_all", v->name);
        if (v->of)
            (void)json_object_set_new(all, key, json_integer((json_int_t)v->of(t)));
    }
    return all;
}
