/* SPDX-License-Identifier: GPL-2.0-only */
/* What every target needs: the fuzzer's bytes as numbers, and a verdict. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* What the target says must hold: said once, with the place, and the end. */
#define claim(holds)									\
	do {										\
		if (!(holds)) {								\
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds); \
			abort();							\
		}									\
	} while (0)

struct input {
	const uint8_t *data;
	size_t left;
};

/* Zeroes, when the input is used up. */
static inline uint8_t input_u8(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->data++;
}

static inline uint32_t input_u32(struct input *input)
{
	uint32_t value = 0;
	int i;

	for (i = 0; i < 4; i++)
		value |= (uint32_t)input_u8(input) << 8 * i;
	return value;
}

/* What is left, as a string of its own size, so that ASan sees its end. */
static inline char *input_text(struct input *input)
{
	char *text = malloc(input->left + 1);

	claim(text);
	memcpy(text, input->data, input->left);
	text[input->left] = '\0';
	return text;
}

#endif /* FUZZ_FUZZ_H */
