// SPDX-License-Identifier: GPL-2.0-only
/*
 * cputime DOMID[.VCPU]...: CPU nanoseconds that each domain, or one vCPU of
 * it, has used, one a line, as the hypervisor counts them ("xl list" rounds to
 * a tenth of a second).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>

static unsigned long long used(xc_interface *xen, const char *who)
{
	uint32_t domid = atoi(who);
	xc_vcpuinfo_t vcpu;
	xc_dominfo_t info;

	if (strchr(who, '.')) {
		if (!xc_vcpu_getinfo(xen, domid, atoi(strchr(who, '.') + 1), &vcpu))
			return vcpu.cpu_time;
	} else if (xc_domain_getinfo(xen, domid, 1, &info) == 1 && info.domid == domid) {
		return info.cpu_time;
	}
	fprintf(stderr, "cputime: there is no %s\n", who);
	exit(1);
}

int main(int argc, char **argv)
{
	xc_interface *xen = xc_interface_open(NULL, NULL, 0);
	int i;

	if (!xen) {
		perror("cputime: hypervisor");
		return 1;
	}
	for (i = 1; i < argc; i++)
		printf("%llu\n", used(xen, argv[i]));
	xc_interface_close(xen);
	return 0;
}
