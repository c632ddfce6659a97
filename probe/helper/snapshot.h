/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Writes the begin of a section: the machine, its processes with their files, interfaces, users and groups. */
void write_snapshot(void);
