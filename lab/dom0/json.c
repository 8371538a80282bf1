// SPDX-License-Identifier: GPL-2.0-only
/*
 * json [WORD...] <FILE: reads one JSON value (RFC 8259, to the letter) and
 * prints the part of it that the words lead to: names of members, numbers of
 * elements, or "length". A string is printed without its quotes.
 * Exit 0, 1 if there is no such part, 2 if it is not JSON.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES (1 << 20)
#define DEPTH_MAX 64

static char text[TEXT_BYTES];
static const char *at = text;
static bool found;

static void bad(const char *why)
{
	fprintf(stderr, "json: byte %zu: %s\n", (size_t)(at - text), why);
	exit(2);
}

static void skip_blanks(void)
{
	at += strspn(at, " \t\r\n");
}

static void take(char c)
{
	if (*at != c)
		bad("something else was expected");
	at++;
}

static void take_escape(void)
{
	int i;

	at++;
	if (*at != 'u') {
		if (!*at || !strchr("\"\\/bfnrt", *at))
			bad("no such escape");
		at++;
		return;
	}
	for (i = 0, at++; i < 4; i++, at++)
		if (!isxdigit((unsigned char)*at))
			bad("four hexadecimal digits were expected");
}

static void take_string(void)
{
	take('"');
	while (*at != '"') {
		if ((unsigned char)*at < 0x20)
			bad("a bare control character, or no end");
		if (*at == '\\')
			take_escape();
		else
			at++;
	}
	at++;
}

static void take_digits(void)
{
	if (!isdigit((unsigned char)*at))
		bad("a digit was expected");
	at += strspn(at, "0123456789");
}

static void take_number(void)
{
	at += *at == '-';
	if (*at == '0' && isdigit((unsigned char)at[1]))
		bad("a number begins with 0");
	take_digits();
	if (*at == '.') {
		at++;
		take_digits();
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '+' || *at == '-';
		take_digits();
	}
}

static bool take_word(const char *word)
{
	if (strncmp(at, word, strlen(word)))
		return false;
	at += strlen(word);
	return true;
}

static void take_value(char **path, int depth);

/* Where a path goes on inside a part: NULL if elsewhere. */
static char **below(char **path, const char *name, size_t bytes)
{
	if (path && *path && strlen(*path) == bytes && !memcmp(*path, name, bytes))
		return path + 1;
	return NULL;
}

static void say_length(char **path, unsigned int length)
{
	if (!below(path, "length", 6) || path[1])
		return;
	printf("%u\n", length);
	found = true;
}

static void take_members(char **path, int depth)
{
	unsigned int length = 0;
	const char *name;
	size_t bytes;

	take('{');
	for (skip_blanks(); *at != '}'; skip_blanks(), length++) {
		if (length) {
			take(',');
			skip_blanks();
		}
		name = at + 1;
		take_string();
		bytes = at - name - 1;
		skip_blanks();
		take(':');
		take_value(below(path, name, bytes), depth);
	}
	at++;
}

static void take_elements(char **path, int depth)
{
	unsigned int length = 0;
	char number[16];

	take('[');
	for (skip_blanks(); *at != ']'; skip_blanks(), length++) {
		if (length)
			take(',');
		snprintf(number, sizeof(number), "%u", length);
		take_value(below(path, number, strlen(number)), depth);
	}
	at++;
	say_length(path, length);
}

/* @path: the words that are left; NULL if this value is not on the way. */
static void take_value(char **path, int depth)
{
	const char *begin;
	bool is_string;

	if (depth == DEPTH_MAX)
		bad("too deep");
	skip_blanks();
	begin = at;
	is_string = *at == '"';
	if (*at == '{')
		take_members(path, depth + 1);
	else if (*at == '[')
		take_elements(path, depth + 1);
	else if (is_string)
		take_string();
	else if (!take_word("true") && !take_word("false") && !take_word("null"))
		take_number();
	if (!path || *path)
		return;
	printf("%.*s\n", (int)(at - begin - 2 * is_string), begin + is_string);
	found = true;
}

int main(int argc, char **argv)
{
	size_t bytes = fread(text, 1, sizeof(text) - 1, stdin);

	if (strlen(text) != bytes)
		bad("a byte 0");
	take_value(argv + (argc > 0), 0);
	skip_blanks();
	if (*at)
		bad("more than one value");
	return !found;
}
