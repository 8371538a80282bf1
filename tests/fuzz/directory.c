// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever the control page holds and however it changes, a directory is read
 * once, in order, from its own half, and only sizes that rings have are taken.
 */
#include "hostile.h"

#include "../../ring/directory.h"

static void claim_read(const __le32 *shared, u32 ring_pages)
{
	u32 *refs = malloc(ring_pages * sizeof(*refs));

	claim(refs);
	hostile.loads = 0;
	drain_directory_read(refs, shared, ring_pages);
	claim(hostile.loads == ring_pages);
	/* What was given last is what is held last; the page says otherwise by now. */
	claim(refs[ring_pages - 1] == hostile.given);
	claim(le32_to_cpu(shared[ring_pages - 1]) == ~hostile.given);
	free(refs);
}

static void claim_write(struct input *input, __le32 *shared, u32 ring_pages)
{
	u32 *refs = malloc(ring_pages * sizeof(*refs));
	u32 i;

	claim(refs);
	for (i = 0; i < ring_pages; i++)
		refs[i] = input_u32(input);
	drain_directory_write(shared, refs, ring_pages);
	for (i = 0; i < ring_pages; i++)
		claim(le32_to_cpu(shared[i]) == refs[i]);
	free(refs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	struct drain_control *control;
	u32 ring_pages = input_u32(&input);
	bool valid = drain_ring_pages_valid(ring_pages);

	hostile.input = &input;
	claim(valid == (ring_pages == 8 || ring_pages == 16 || ring_pages == 32 ||
			ring_pages == 64 || ring_pages == 128 || ring_pages == 256));
#ifdef MUTATE
	valid = ring_pages && ring_pages <= 1024;
#endif
	if (!valid)
		return 0;
	control = aligned_alloc(64, sizeof(*control));
	claim(control);
	memset(control, input_u8(&input), sizeof(*control));
	claim_read(control->to_guest_refs, ring_pages);
	claim_read(control->to_host_refs, ring_pages);
	claim_write(&input, control->to_host_refs, ring_pages);
	free(control);
	return 0;
}
