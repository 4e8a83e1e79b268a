/* SPDX-License-Identifier: Apache-2.0 */

/* The terminal: all views share it, or one has it to itself. */

#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/top.h"

#define REFRESH_MS 1000
#define ROWS_MIN 3 /* of a view that shares the screen */

struct screen {
    struct weir_top *t;
    size_t only; /* number of the view that has the screen, from 1; 0: all */
    bool paused;
    bool quit;
};

static size_t views(void)
{
    size_t n = 0;

    while (weir_top_views[n].name)
        n++;
    return n;
}

/* Lines of text from row `at` of the screen down; the first is a heading. */
static void lines_put(const struct weir_buf *text, int at)
{
    size_t from = 0;

    for (int line = 0; from < text->len && at + line < LINES; line++) {
        const char *end = memchr(text->data + from, '\n', text->len - from);
        size_t len = end ? (size_t)(end - text->data) - from : text->len - from;

        if (!line)
            (void)attron(A_BOLD);
        (void)mvaddnstr(at + line, 0, text->data + from, (int)len);
        (void)attroff(A_BOLD);
        from += len + 1;
    }
}

/* Rows for a view with so many lines left and so many views behind it that keep their least. */
static size_t rows_for(int lines, size_t behind)
{
    int rows = lines - 1 - (int)behind * (ROWS_MIN + 2);

    if (rows < ROWS_MIN)
        rows = lines - 1 < ROWS_MIN ? lines - 1 : ROWS_MIN;
    return rows > 0 ? (size_t)rows : 0;
}

static void views_draw(const struct screen *s)
{
    size_t n = views();
    int at = 2, end = LINES - 1; /* title above, keys below */

    for (size_t i = s->only ? s->only - 1 : 0; i < n && at < end; i++) {
        _cleanup_(weir_buf_free) struct weir_buf text = { 0 };
        size_t rows = rows_for(end - at, s->only ? 0 : n - i - 1);
        size_t lines = weir_top_table(s->t, &weir_top_views[i], rows, (size_t)COLS, &text);

        lines_put(&text, at);
        if (s->only)
            return;
        at += (int)lines + 1;
    }
}

static void draw(const struct screen *s)
{
    _cleanup_(weir_buf_free) struct weir_buf title = { 0 }, keys = { 0 };

    (void)erase();
    weir_top_title(s->t, (size_t)COLS, &title);
    lines_put(&title, 0);
    views_draw(s);
    weir_buf_addf(&keys, "%sq quit  p pause  r rate  t total  n name  0 all",
                  s->paused ? "PAUSED  " : "");
    for (size_t i = 0; i < views(); i++)
        weir_buf_addf(&keys, "  %zu %s", i + 1, weir_top_views[i].name);
    if (!keys.failed) {
        (void)attron(A_REVERSE);
        (void)mvaddnstr(LINES - 1, 0, keys.data, (int)keys.len < COLS ? (int)keys.len : COLS);
        (void)attroff(A_REVERSE);
    }
    (void)refresh();
}

static void key_press(struct screen *s, int key)
{
    static const struct {
        int key;
        enum weir_top_sort sort;
    } sort[] = { { 'r', WEIR_TOP_BY_RATE }, { 't', WEIR_TOP_BY_TOTAL }, { 'n', WEIR_TOP_BY_NAME } };

    if (key == 'q' || key == 27)
        s->quit = true;
    else if (key == 'p' || key == ' ')
        s->paused = !s->paused;
    else if (key >= '0' && key <= '9' && (size_t)(key - '0') <= views())
        s->only = (size_t)(key - '0');
    else if (key == '\t')
        s->only = (s->only + 1) % (views() + 1);
    for (size_t i = 0; i < sizeof(sort) / sizeof(sort[0]); i++)
        if (sort[i].key == key)
            s->t->sort = sort[i].sort;
}

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* this clock exists */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A resize arrives as a key (KEY_RESIZE), after ncurses has read the new size. */
static int loop(struct screen *s, int (*next)(struct weir_top *t, void *arg), void *arg)
{
    int64_t due = now_ms() + REFRESH_MS;

    while (!s->quit) {
        int64_t left = due - now_ms();
        int key;

        draw(s);
        timeout(left > 0 ? (int)left : 0);
        key = getch();
        if (key != ERR) {
            key_press(s, key);
            continue;
        }
        due = now_ms() + REFRESH_MS;
        if (!s->paused) {
            int r = next(s->t, arg);

            if (r)
                return r;
        }
    }
    return 0;
}

/* Standard error while curses has the terminal: kept, and shown when it is over. */
struct aside {
    int real;
    int kept;
};

static void aside_begin(struct aside *a)
{
    (void)fflush(stderr);
    a->real = dup(STDERR_FILENO);
    a->kept = memfd_create("weir-top", MFD_CLOEXEC);
    if (a->real >= 0 && a->kept >= 0)
        (void)dup2(a->kept, STDERR_FILENO);
}

static void aside_end(struct aside *a)
{
    char text[4096];
    ssize_t n;

    (void)fflush(stderr);
    if (a->real >= 0 && a->kept >= 0) {
        (void)dup2(a->real, STDERR_FILENO);
        n = pread(a->kept, text, sizeof(text), 0);
        if (n > 0)
            (void)fprintf(stderr, "%.*s", (int)n, text);
    }
    weir_closep(&a->real);
    weir_closep(&a->kept);
}

int weir_top_screen(struct weir_top *t, int (*next)(struct weir_top *t, void *arg), void *arg)
{
    struct screen s = { .t = t };
    struct aside aside;
    SCREEN *curses;
    int r;

    (void)setlocale(LC_CTYPE, "");
    curses = newterm(NULL, stdout, stdin);
    if (!curses)
        return -ENOTTY;
    (void)cbreak();
    (void)noecho();
    (void)curs_set(0); /* a terminal that cannot hide it shows it */
    set_escdelay(25);
    (void)keypad(stdscr, TRUE);
    aside_begin(&aside);
    r = loop(&s, next, arg);
    (void)endwin();
    delscreen(curses);
    aside_end(&aside);
    return r;
}
