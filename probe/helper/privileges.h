/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Gives up all capabilities but those to change the chosen calls and to read /proc of all users. */
void drop_privileges(void);
