// SPDX-License-Identifier: GPL-2.0-only
/*
 * cputime DOMID...: CPU nanoseconds that each domain has used, one a line,
 * as the hypervisor counts them ("xl list" rounds to a tenth of a second).
 */
#include <stdio.h>
#include <stdlib.h>
#include <xenctrl.h>

int main(int argc, char **argv)
{
	xc_interface *xen = xc_interface_open(NULL, NULL, 0);
	xc_dominfo_t info;
	uint32_t domid;
	int i;

	if (!xen) {
		perror("cputime: hypervisor");
		return 1;
	}
	for (i = 1; i < argc; i++) {
		domid = atoi(argv[i]);
		if (xc_domain_getinfo(xen, domid, 1, &info) != 1 ||
		    info.domid != domid) {
			fprintf(stderr, "cputime: no domain %u\n", domid);
			return 1;
		}
		printf("%llu\n", (unsigned long long)info.cpu_time);
	}
	xc_interface_close(xen);
	return 0;
}
