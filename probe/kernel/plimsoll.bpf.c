// SPDX-License-Identifier: (Apache-2.0 OR GPL-2.0-only)
/*
 * Sees the system calls of a machine. Each event is built in the scratch memory of its processor, as a block of a
 * `.scap` capture, and goes to one ring buffer; the helper adds the end of the block. Times are since boot.
 */
#include "kernel-types.h"
#include "protocol.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* The choice that the kernel accepts for the functions in use. */
char LICENSE[] SEC("license") = "GPL";

#define DATA_SIZE 32768
#define DATA_MASK (DATA_SIZE - 1)
#define MOST_TEXT 4096
#define PATH_SIZE 4096
#define PATH_MASK (PATH_SIZE - 1)
#define MOST_COMPONENTS 40

/* Event codes of the capture format. */
enum { CODE_PROCEXIT = 186, CODE_CLONE = 223, CODE_EXECVE = 293 };

struct scratch {
	u8 data[DATA_SIZE + 2 * MOST_TEXT];
	u8 path[PATH_SIZE + 512];
	u8 name[256];
	u64 arguments[8];
	u64 result;
	u32 at;    /* where the next parameter begins in data */
	u32 index; /* its number */
	u32 ran_out;
	u32 path_at; /* where the path that is being built begins; here and not in a register, for the verifier's sake */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROBE_PROCESSORS);
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROBE_CALLS);
	__type(key, u32);
	__type(value, struct probe_call);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, HANDLER_COUNT);
	__type(key, u32);
	__type(value, u32);
} handlers SEC(".maps");

unsigned long long counters[PROBE_PROCESSORS][COUNTER_COUNT];
/* The process of the watch and the helper are not watched: what they write would be events again. */
unsigned int unwatched[2];

static __always_inline void count(u32 counter)
{
	u32 cpu = bpf_get_smp_processor_id();
	if (cpu < PROBE_PROCESSORS)
		counters[cpu][counter]++;
}

static __always_inline bool is_unwatched(u32 tgid)
{
	return tgid == unwatched[0] || tgid == unwatched[1];
}

static __always_inline struct scratch *own_scratch(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&scratches, &cpu);
}

/* Begins an event; the parameters follow in order. */
static __always_inline struct scratch *begin(u16 code, u32 parameters, u64 tid)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct scratch *s = own_scratch();
	if (!s)
		return 0;
	*(u32 *)&s->data[0] = 0x216;
	*(u16 *)&s->data[8] = cpu;
	*(u64 *)&s->data[10] = bpf_ktime_get_boot_ns();
	*(u64 *)&s->data[18] = tid;
	*(u16 *)&s->data[30] = code;
	*(u32 *)&s->data[32] = parameters;
	s->at = FRONT_SIZE + 2 * parameters;
	s->index = 0;
	s->ran_out = 0;
	return s;
}

/* Says that the next parameter has `size` bytes, which stand in data already. */
static __always_inline void added(struct scratch *s, u32 size)
{
	u32 index = s->index;
	*(u16 *)&s->data[(FRONT_SIZE + 2 * index) & 0xff] = size;
	s->index = index + 1;
	s->at += size;
	if (s->at > DATA_SIZE - 2 * MOST_TEXT)
		s->ran_out = 1;
}

static __always_inline void add_u8(struct scratch *s, u8 value)
{
	s->data[s->at & DATA_MASK] = value;
	added(s, 1);
}

static __always_inline void add_u16(struct scratch *s, u16 value)
{
	*(u16 *)&s->data[s->at & DATA_MASK] = value;
	added(s, 2);
}

static __always_inline void add_u32(struct scratch *s, u32 value)
{
	*(u32 *)&s->data[s->at & DATA_MASK] = value;
	added(s, 4);
}

static __always_inline void add_u64(struct scratch *s, u64 value)
{
	*(u64 *)&s->data[s->at & DATA_MASK] = value;
	added(s, 8);
}

static __always_inline void add_user_text(struct scratch *s, const void *from)
{
	long size = from ? bpf_probe_read_user_str(&s->data[s->at & DATA_MASK], MOST_TEXT, from) : 0;
	added(s, size > 0 ? size : 0);
}

static __always_inline void add_kernel_text(struct scratch *s, const void *from, u32 most)
{
	long size = bpf_probe_read_kernel_str(&s->data[s->at & DATA_MASK], most, from);
	added(s, size > 0 ? size : 0);
}

/* Adds texts that lie behind each other in the memory of the program, with NUL behind the last one. */
static __always_inline void add_user_texts(struct scratch *s, unsigned long from, unsigned long to)
{
	u64 size = to > from ? to - from : 0;
	if (size > MOST_TEXT - 1)
		size = MOST_TEXT - 1;
	barrier_var(size);
	size &= MOST_TEXT - 1;
	u32 at = s->at & DATA_MASK;
	if (size == 0 || bpf_probe_read_user(&s->data[at], size, (void *)from) != 0) {
		added(s, 0);
		return;
	}
	if (s->data[(at + size - 1) & DATA_MASK] != 0)
		s->data[(at + (size < MOST_TEXT - 1 ? size++ : size - 1)) & DATA_MASK] = 0;
	added(s, size);
}

static __always_inline void send(struct scratch *s)
{
	u32 size = s->at;
	if (s->ran_out || size > DATA_SIZE - 2 * MOST_TEXT) {
		count(COUNTER_TOO_LARGE);
		return;
	}
	*(u32 *)&s->data[26] = size - 10;
	u64 flags = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > 256 * 1024 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
	/* The compiler knows the bound and would leave the mask out, without which the verifier does not. */
	barrier_var(size);
	if (bpf_ringbuf_output(&events, s->data, size & DATA_MASK, flags) != 0)
		count(COUNTER_LOST);
	else
		count(COUNTER_SENT);
}

/* Paths, built from their end. */

static __always_inline void begin_path(struct scratch *s)
{
	s->path[PATH_SIZE - 1] = 0;
	s->path_at = PATH_SIZE - 1;
}

static __always_inline void prepend(struct scratch *s, const void *name, u32 length)
{
	u32 at = s->path_at;
	length &= 0xff;
	at -= length;
	/* Beyond the room the begin of the path is lost, and it does not begin with a slash. */
	if (at >= PATH_SIZE || at == 0)
		return;
	bpf_probe_read_kernel(&s->path[at & PATH_MASK], length, name);
	at--;
	s->path[at & PATH_MASK] = '/';
	s->path_at = at;
}

/* Writes the built path to a place of data; returns its size with the NUL. */
static __always_inline u32 put_path(struct scratch *s, u32 to)
{
	if (s->path_at >= PATH_SIZE - 1) {
		s->path_at = PATH_SIZE - 2;
		s->path[PATH_SIZE - 2] = '/';
	}
	u32 at = s->path_at;
	u32 size = PATH_SIZE - at;
	barrier_var(size);
	size &= PATH_MASK;
	bpf_probe_read_kernel(&s->data[to & DATA_MASK], size, &s->path[at & PATH_MASK]);
	return size;
}

/* Builds the path of a file below the root directory of the thread. */
static __noinline int walk_path(struct scratch *s, struct path *from, struct task_struct *task)
{
	if (!s)
		return 0;
	struct dentry *dentry = BPF_CORE_READ(from, dentry);
	struct vfsmount *vfs = BPF_CORE_READ(from, mnt);
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct dentry *root = BPF_CORE_READ(fs, root.dentry);
	struct vfsmount *root_mount = BPF_CORE_READ(fs, root.mnt);
	begin_path(s);
	for (int step = 0; step < MOST_COMPONENTS; step++) {
		if (dentry == root && vfs == root_mount)
			break;
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		if (dentry == BPF_CORE_READ(vfs, mnt_root) || dentry == parent) {
			struct mount *mount = (void *)vfs - bpf_core_field_offset(struct mount, mnt);
			struct mount *above = BPF_CORE_READ(mount, mnt_parent);
			if (above == mount)
				break;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			vfs = (void *)above + bpf_core_field_offset(struct mount, mnt);
			continue;
		}
		prepend(s, BPF_CORE_READ(dentry, d_name.name), BPF_CORE_READ(dentry, d_name.len));
		dentry = parent;
	}
	return 0;
}

static __always_inline void add_file_path(struct scratch *s, struct file *file, struct task_struct *task)
{
	walk_path(s, &file->f_path, task);
	added(s, put_path(s, s->at));
}

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *node)
{
	struct kernfs_node___old *old = (void *)node;
	if (bpf_core_field_exists(old->parent))
		return BPF_CORE_READ(old, parent);
	return BPF_CORE_READ(node, __parent);
}

static __noinline int walk_cgroup(struct scratch *s, struct cgroup *cgroup)
{
	if (!s)
		return 0;
	begin_path(s);
	struct kernfs_node *node = BPF_CORE_READ(cgroup, kn);
	for (int step = 0; step < 16 && node; step++) {
		struct kernfs_node *parent = parent_of(node);
		if (!parent)
			break;
		long size = bpf_probe_read_kernel_str(s->name, sizeof(s->name), BPF_CORE_READ(node, name));
		prepend(s, s->name, size > 0 ? size - 1 : 0);
		node = parent;
	}
	return 0;
}

static __always_inline struct cgroup *cgroup_of(struct css_set *set, u32 id, struct cgroup *unified)
{
	struct cgroup *cgroup = BPF_CORE_READ(set, subsys[id & 15], cgroup);
	/* In the unified hierarchy a group without the controller is not seen by it. */
	return BPF_CORE_READ(cgroup, root) == BPF_CORE_READ(unified, root) ? unified : cgroup;
}

static __noinline void add_cgroups(struct scratch *s, struct task_struct *task)
{
	if (!s)
		return;
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup *unified = BPF_CORE_READ(set, dfl_cgrp);
	u32 used = 0;
#define GROUP(id, text)                                                                                                 \
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, id)) {                                                    \
		static const char name[] = text;                                                                        \
		u32 number = bpf_core_enum_value(enum cgroup_subsys_id, id);                                            \
		walk_cgroup(s, cgroup_of(set, number, unified));                                                        \
		bpf_probe_read_kernel(&s->data[(s->at + used) & DATA_MASK], sizeof(name) - 1, name);                    \
		used += sizeof(name) - 1;                                                                               \
		used += put_path(s, s->at + used);                                                                      \
	}
	GROUP(cpuset_cgrp_id, "cpuset=")
	GROUP(cpu_cgrp_id, "cpu=")
	GROUP(memory_cgrp_id, "memory=")
	added(s, used);
}

/* Facts about a thread. */

static __always_inline s64 number_in(struct pid *pid, bool is_own)
{
	u32 level = is_own ? BPF_CORE_READ(pid, level) : 0;
	struct upid upid = {};
	bpf_core_read(&upid.nr, sizeof(upid.nr), (void *)pid + bpf_core_field_offset(struct pid, numbers) +
						       (level & 31) * bpf_core_type_size(struct upid) +
						       bpf_core_field_offset(struct upid, nr));
	return upid.nr;
}

enum { PID_TGID = 1, PID_PGID = 2 };

static __always_inline struct pid *pid_of(struct task_struct *task, u32 type)
{
	return BPF_CORE_READ(task, signal, pids[type]);
}

static __always_inline u64 capability(struct task_struct *task, u32 set)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	u64 bits = 0;
	if (set == 0)
		bpf_core_read(&bits, sizeof(bits), &cred->cap_inheritable);
	else if (set == 1)
		bpf_core_read(&bits, sizeof(bits), &cred->cap_permitted);
	else
		bpf_core_read(&bits, sizeof(bits), &cred->cap_effective);
	return bits & ((1ull << 41) - 1);
}

static __always_inline u32 device_of(u32 dev)
{
	/* From 12 bits and 20 bits to the form that programs see. */
	u32 major = dev >> 20, minor = dev & 0xfffff;
	return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);
}

static __always_inline u32 terminal_of(struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);
	if (!tty)
		return 0;
	struct tty_driver *driver = BPF_CORE_READ(tty, driver);
	u32 minor = BPF_CORE_READ(driver, minor_start) + BPF_CORE_READ(tty, index);
	return device_of(((u32)BPF_CORE_READ(driver, major) << 20) | (minor & 0xfffff));
}

/* Where a file lies on an overlay: 0 it does not, 1 its upper layer, 2 a lower one. */
static __always_inline u32 layer_of(struct inode *inode)
{
	if (!inode || BPF_CORE_READ(inode, i_sb, s_magic) != 0x794c7630)
		return 0;
	/* The file system keeps its own facts behind the inode: first the file in the upper layer, if there is one. */
	void *upper = 0;
	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
	return upper ? 1 : 2;
}

static __always_inline u64 inode_time(struct inode *inode, bool is_change)
{
	struct inode___seconds *seconds = (void *)inode;
	struct inode___underscores *underscores = (void *)inode;
	struct inode___old *old = (void *)inode;
	if (bpf_core_field_exists(seconds->i_ctime_sec)) {
		if (is_change)
			return BPF_CORE_READ(seconds, i_ctime_sec) * 1000000000ull + BPF_CORE_READ(seconds, i_ctime_nsec);
		return BPF_CORE_READ(seconds, i_mtime_sec) * 1000000000ull + BPF_CORE_READ(seconds, i_mtime_nsec);
	}
	if (bpf_core_field_exists(underscores->__i_ctime)) {
		if (is_change)
			return BPF_CORE_READ(underscores, __i_ctime.tv_sec) * 1000000000ull +
			       BPF_CORE_READ(underscores, __i_ctime.tv_nsec);
		if (bpf_core_field_exists(underscores->__i_mtime))
			return BPF_CORE_READ(underscores, __i_mtime.tv_sec) * 1000000000ull +
			       BPF_CORE_READ(underscores, __i_mtime.tv_nsec);
	}
	if (is_change)
		return BPF_CORE_READ(old, i_ctime.tv_sec) * 1000000000ull + BPF_CORE_READ(old, i_ctime.tv_nsec);
	return BPF_CORE_READ(old, i_mtime.tv_sec) * 1000000000ull + BPF_CORE_READ(old, i_mtime.tv_nsec);
}

static __always_inline void add_memory(struct scratch *s, struct task_struct *task, struct mm_struct *mm)
{
	add_u64(s, BPF_CORE_READ(task, maj_flt));
	add_u64(s, BPF_CORE_READ(task, min_flt));
	add_u32(s, mm ? BPF_CORE_READ(mm, total_vm) << 2 : 0);
	add_u32(s, 0);
	add_u32(s, 0);
}

/* The first argument as a text of its own, then the others. */
static __always_inline void add_arguments(struct scratch *s, struct task_struct *task, struct mm_struct *mm)
{
	if (!mm) {
		add_kernel_text(s, &task->comm, 16);
		added(s, 0);
		return;
	}
	unsigned long from = BPF_CORE_READ(mm, arg_start), to = BPF_CORE_READ(mm, arg_end);
	long size = bpf_probe_read_user_str(&s->data[s->at & DATA_MASK], MOST_TEXT, (void *)from);
	if (size <= 0)
		size = 0;
	added(s, size);
	add_user_texts(s, from + size, to);
}

/* New threads and processes, as their own side of the call would tell. */

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	u32 tgid = BPF_CORE_READ(child, tgid), pid = BPF_CORE_READ(child, pid);
	if (is_unwatched(tgid))
		return 0;
	struct scratch *s = begin(CODE_CLONE, 21, pid);
	if (!s)
		return 0;
	struct mm_struct *mm = BPF_CORE_READ(child, mm);
	struct pid *own = BPF_CORE_READ(child, thread_pid);
	u32 level = BPF_CORE_READ(own, level);
	u32 flags = 0;
	if (tgid != pid)
		flags |= 8192;
	if (BPF_CORE_READ(child, files) == BPF_CORE_READ(parent, files))
		flags |= 1;
	if (BPF_CORE_READ(child, fs) == BPF_CORE_READ(parent, fs))
		flags |= 2;
	if (mm && mm == BPF_CORE_READ(parent, mm))
		flags |= 32768;
	if (level > 0)
		flags |= 536870912;
	add_u64(s, 0);
	add_arguments(s, child, mm);
	add_u64(s, pid);
	add_u64(s, tgid);
	add_u64(s, BPF_CORE_READ(child, real_parent, tgid));
	added(s, 0);
	add_u64(s, BPF_CORE_READ(child, signal, rlim[7].rlim_cur));
	add_memory(s, child, mm);
	add_kernel_text(s, &child->comm, 16);
	add_cgroups(s, child);
	add_u32(s, flags);
	add_u32(s, BPF_CORE_READ(child, cred, euid.val));
	add_u32(s, BPF_CORE_READ(child, cred, egid.val));
	add_u64(s, number_in(own, true));
	add_u64(s, tgid == pid ? number_in(own, true) : number_in(pid_of(child, PID_TGID), true));
	struct upid upid = {};
	bpf_core_read(&upid.ns, sizeof(upid.ns), (void *)own + bpf_core_field_offset(struct pid, numbers) +
						       (level & 31) * bpf_core_type_size(struct upid) +
						       bpf_core_field_offset(struct upid, ns));
	add_u64(s, BPF_CORE_READ(upid.ns, child_reaper, start_boottime));
	send(s);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	u32 tgid = BPF_CORE_READ(task, tgid);
	if (is_unwatched(tgid))
		return 0;
	struct scratch *s = begin(CODE_PROCEXIT, 5, BPF_CORE_READ(task, pid));
	if (!s)
		return 0;
	u32 status = BPF_CORE_READ(task, exit_code);
	add_u64(s, status);
	add_u64(s, (status >> 8) & 0xff);
	add_u8(s, status & 0x7f);
	add_u8(s, (status & 0x80) != 0);
	/* Who takes the children: of a thread its process, else who reaps in the namespace. */
	struct pid *own = BPF_CORE_READ(task, thread_pid);
	s64 reaper = 0;
	if ((u32)BPF_CORE_READ(task, pid) == tgid && own) {
		struct upid upid = {};
		u32 level = BPF_CORE_READ(own, level);
		bpf_core_read(&upid.ns, sizeof(upid.ns), (void *)own + bpf_core_field_offset(struct pid, numbers) +
							       (level & 31) * bpf_core_type_size(struct upid) +
							       bpf_core_field_offset(struct upid, ns));
		reaper = BPF_CORE_READ(upid.ns, child_reaper, pid);
		struct task_struct *above = BPF_CORE_READ(task, real_parent);
		struct signal_struct *signal = BPF_CORE_READ(task, signal);
		if (BPF_CORE_READ_BITFIELD_PROBED(signal, has_child_subreaper)) {
			for (int step = 0; step < 16; step++) {
				if (BPF_CORE_READ(above, pid) <= 1)
					break;
				signal = BPF_CORE_READ(above, signal);
				if (BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper)) {
					reaper = BPF_CORE_READ(above, tgid);
					break;
				}
				above = BPF_CORE_READ(above, real_parent);
			}
		}
	}
	add_u64(s, reaper);
	send(s);
	return 0;
}

static __always_inline u32 execute_flags(struct file *file, struct inode *inode, struct task_struct *task)
{
	u32 flags = 0;
	u32 mode = BPF_CORE_READ(inode, i_mode);
	u32 uid = BPF_CORE_READ(task, cred, euid.val);
	bool is_writable = uid == 0 || (mode & 0002) || (uid == BPF_CORE_READ(inode, i_uid.val) && (mode & 0200)) ||
			   (BPF_CORE_READ(task, cred, egid.val) == BPF_CORE_READ(inode, i_gid.val) && (mode & 0020));
	if (is_writable)
		flags |= 1;
	u32 layer = layer_of(inode);
	flags |= layer == 1 ? 2 : layer == 2 ? 8 : 0;
	char name[8] = {};
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	if (name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' && name[5] == ':')
		flags |= 4;
	return flags;
}

/* Everything of an execve but its result and the name of the file. */
static __always_inline void add_execution(struct scratch *s, struct task_struct *task, struct mm_struct *mm)
{
	add_u64(s, BPF_CORE_READ(task, pid));
	add_u64(s, BPF_CORE_READ(task, tgid));
	add_u64(s, BPF_CORE_READ(task, real_parent, tgid));
	added(s, 0);
	add_u64(s, BPF_CORE_READ(task, signal, rlim[7].rlim_cur));
	add_memory(s, task, mm);
	add_kernel_text(s, &task->comm, 16);
	add_cgroups(s, task);
	add_user_texts(s, BPF_CORE_READ(mm, env_start), BPF_CORE_READ(mm, env_end));
	add_u32(s, terminal_of(task));
	add_u64(s, number_in(pid_of(task, PID_PGID), true));
	add_u32(s, BPF_CORE_READ(task, loginuid.val));
	struct file *file = BPF_CORE_READ(mm, exe_file);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	add_u32(s, execute_flags(file, inode, task));
	add_u64(s, capability(task, 0));
	add_u64(s, capability(task, 1));
	add_u64(s, capability(task, 2));
	add_u64(s, BPF_CORE_READ(inode, i_ino));
	add_u64(s, inode_time(inode, true));
	add_u64(s, inode_time(inode, false));
	add_u32(s, BPF_CORE_READ(task, cred, euid.val));
	add_file_path(s, file, task);
	add_u64(s, number_in(pid_of(task, PID_PGID), false));
	add_u32(s, BPF_CORE_READ(task, cred, egid.val));
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_execute, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	if (is_unwatched(BPF_CORE_READ(task, tgid)))
		return 0;
	struct scratch *s = begin(CODE_EXECVE, 31, BPF_CORE_READ(task, pid));
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	if (!s || !mm)
		return 0;
	add_u64(s, 0);
	add_arguments(s, task, mm);
	add_execution(s, task, mm);
	add_kernel_text(s, BPF_CORE_READ(bprm, filename), MOST_TEXT);
	send(s);
	return 0;
}

/* System calls. */

/* Registers are read directly, which costs less than a call of a helper for each. */
static __always_inline void keep_arguments(struct scratch *s, struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	s->arguments[0] = regs->di;
	s->arguments[1] = regs->si;
	s->arguments[2] = regs->dx;
	s->arguments[3] = regs->r10;
	s->arguments[4] = regs->r8;
	s->arguments[5] = regs->r9;
#else
	s->arguments[0] = regs->orig_x0;
	s->arguments[1] = regs->regs[1];
	s->arguments[2] = regs->regs[2];
	s->arguments[3] = regs->regs[3];
	s->arguments[4] = regs->regs[4];
	s->arguments[5] = regs->regs[5];
#endif
}

static __always_inline u64 argument(struct scratch *s, u32 number)
{
	return s->arguments[number & 7];
}

static __always_inline u32 call_number(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->orig_ax;
#else
	return regs->syscallno;
#endif
}

static __always_inline bool is_by_32_bits(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return (BPF_CORE_READ(task, thread_info.status) & 2) != 0;
#else
	return (BPF_CORE_READ(task, thread_info.flags) & (1ul << 22)) != 0;
#endif
}

static __always_inline struct file *file_of(struct task_struct *task, s64 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	if (fd < 0 || fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	struct file *file = 0;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return file;
}

static __always_inline void add_address(struct scratch *s, const void *from, u32 length)
{
	u8 raw[128] = {};
	u32 at = s->at & DATA_MASK;
	if (length > 110)
		length = 110;
	barrier_var(length);
	if (!from || length < 3 || bpf_probe_read_user(raw, length & 127, from) != 0) {
		added(s, 0);
		return;
	}
	u16 family = *(u16 *)raw;
	s->data[at] = family;
	if (family == 2) {
		__builtin_memcpy(&s->data[(at + 1) & DATA_MASK], raw + 4, 4);
		*(u16 *)&s->data[(at + 5) & DATA_MASK] = __builtin_bswap16(*(u16 *)(raw + 2));
		added(s, 7);
	} else if (family == 10) {
		__builtin_memcpy(&s->data[(at + 1) & DATA_MASK], raw + 8, 16);
		*(u16 *)&s->data[(at + 17) & DATA_MASK] = __builtin_bswap16(*(u16 *)(raw + 2));
		added(s, 19);
	} else if (family == 1) {
		/* An abstract name begins with NUL; it is shown with @ in its place. */
		const char *path = from + 2;
		u32 abstract = raw[2] == 0;
		if (abstract) {
			s->data[(at + 1) & DATA_MASK] = '@';
			path++;
		}
		long size = bpf_probe_read_user_str(&s->data[(at + 1 + abstract) & DATA_MASK], 108, path);
		added(s, 1 + abstract + (size > 0 ? size : 0));
	} else
		added(s, 1);
}

static __always_inline struct sock *socket_of(struct task_struct *task, s64 fd)
{
	struct file *file = file_of(task, fd);
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & 0170000) != 0140000)
		return 0;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	return socket ? BPF_CORE_READ(socket, sk) : 0;
}

/* Both ends of a socket. Of a connection that came in the other end is its source. */
static __noinline void add_tuple(struct scratch *s, struct sock *sk, bool is_incoming)
{
	if (!s)
		return;
	if (!sk) {
		added(s, 0);
		return;
	}
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	u32 at = s->at & DATA_MASK;
	u8 *to = &s->data[at];
	u16 own = BPF_CORE_READ(sk, __sk_common.skc_num);
	u16 other = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	to[0] = family;
	if (family == 2) {
		u32 near = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr), far = BPF_CORE_READ(sk, __sk_common.skc_daddr);
		*(u32 *)(to + 1) = is_incoming ? far : near;
		*(u16 *)(to + 5) = is_incoming ? other : own;
		*(u32 *)(to + 7) = is_incoming ? near : far;
		*(u16 *)(to + 11) = is_incoming ? own : other;
		added(s, 13);
	} else if (family == 10) {
		struct in6_addr near = BPF_CORE_READ(sk, __sk_common.skc_v6_rcv_saddr);
		struct in6_addr far = BPF_CORE_READ(sk, __sk_common.skc_v6_daddr);
		__builtin_memcpy(to + 1, is_incoming ? &far : &near, 16);
		*(u16 *)(to + 17) = is_incoming ? other : own;
		__builtin_memcpy(to + 19, is_incoming ? &near : &far, 16);
		*(u16 *)(to + 35) = is_incoming ? own : other;
		added(s, 37);
	} else if (family == 1) {
		struct unix_sock *end = (void *)sk, *peer = (void *)BPF_CORE_READ(end, peer);
		*(u64 *)(to + 1) = (u64)(is_incoming ? peer : end);
		*(u64 *)(to + 9) = (u64)(is_incoming ? end : peer);
		struct unix_address *name = BPF_CORE_READ(is_incoming ? end : peer, addr);
		long size = 0;
		if (name) {
			char first = 0;
			const char *path = (void *)&name->name[0].sun_path;
			bpf_probe_read_kernel(&first, 1, path);
			u32 abstract = first == 0;
			if (abstract)
				to[17] = '@';
			size = bpf_probe_read_kernel_str(&s->data[(at + 17 + abstract) & DATA_MASK], 108,
							 path + abstract);
			size = size > 0 ? size + abstract : 0;
		}
		if (size <= 0) {
			to[17] = 0;
			size = 1;
		}
		added(s, 17 + size);
	} else
		added(s, 1);
}

struct seen {
	struct scratch *s;
	struct probe_call *call;
	struct task_struct *task;
};

static __always_inline bool begin_call(struct seen *seen, struct pt_regs *regs, long result)
{
	u32 number = call_number(regs);
	seen->call = bpf_map_lookup_elem(&calls, &number);
	if (!seen->call)
		return false;
	seen->task = (void *)bpf_get_current_task();
	seen->s = begin(seen->call->code, seen->call->count & (2 * PROBE_PARAMETERS - 1), (u32)bpf_get_current_pid_tgid());
	if (!seen->s)
		return false;
	keep_arguments(seen->s, regs);
	seen->s->result = result;
	return true;
}

/*
 * Adds what any call may have. Not static, so that the verifier looks at it once and not for each parameter; for that it
 * may only take numbers.
 */
__noinline int add_plain(u32 kind, u32 arg)
{
	struct scratch *s = own_scratch();
	if (!s)
		return 0;
	u64 value = kind == KIND_RESULT ? s->result : argument(s, arg);
	switch (kind) {
	case KIND_RESULT:
	case KIND_U64:
		add_u64(s, value);
		break;
	case KIND_INT:
		add_u64(s, (s64)(s32)value);
		break;
	case KIND_U8:
		add_u8(s, value);
		break;
	case KIND_U16:
		add_u16(s, value);
		break;
	case KIND_U32:
		add_u32(s, value);
		break;
	case KIND_TEXT:
		add_user_text(s, (void *)value);
		break;
	case KIND_DYN64:
		s->data[s->at & DATA_MASK] = 0;
		*(u64 *)&s->data[(s->at + 1) & DATA_MASK] = value;
		added(s, 9);
		break;
	case KIND_FCNTL:
		/* F_DUPFD to F_SETFL follow each other in both. */
		add_u8(s, (u32)value <= 4 ? value + 1 : (u32)value == 1030 ? 26 : 0);
		break;
	case KIND_PAIR_FIRST:
	case KIND_PAIR_SECOND: {
		s32 fd = -1;
		bpf_probe_read_user(&fd, sizeof(fd), (void *)value + (kind == KIND_PAIR_SECOND ? 4 : 0));
		add_u64(s, (s64)fd);
		break;
	}
	case KIND_CAP_INHERITABLE:
		add_u64(s, capability((void *)bpf_get_current_task(), 0));
		break;
	case KIND_CAP_PERMITTED:
		add_u64(s, capability((void *)bpf_get_current_task(), 1));
		break;
	case KIND_CAP_EFFECTIVE:
		add_u64(s, capability((void *)bpf_get_current_task(), 2));
		break;
	default:
		added(s, 0);
	}
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_plain, struct pt_regs *regs, long result)
{
	struct seen seen;
	if (!begin_call(&seen, regs, result))
		return 0;
	for (u32 index = 0; index < PROBE_PARAMETERS && index < seen.call->count; index++)
		add_plain(seen.call->parameters[index].kind, seen.call->parameters[index].arg);
	send(seen.s);
	return 0;
}

struct open_how_of_program {
	u64 flags, mode, resolve;
};

SEC("tp_btf/sys_exit")
int BPF_PROG(on_open, struct pt_regs *regs, long result)
{
	struct seen seen;
	if (!begin_call(&seen, regs, result))
		return 0;
	struct scratch *s = seen.s;
	struct file *file = file_of(seen.task, result);
	struct inode *inode = file ? BPF_CORE_READ(file, f_inode) : 0;
	u32 layer = layer_of(inode);
	u32 bits = layer == 1 ? PROBE_UPPER_LAYER : layer == 2 ? PROBE_LOWER_LAYER : 0;
	if (file && (BPF_CORE_READ(file, f_mode) & 0x100000))
		bits |= PROBE_CREATED;
	for (u32 index = 0; index < PROBE_PARAMETERS && index < seen.call->count; index++) {
		u32 kind = seen.call->parameters[index].kind, arg = seen.call->parameters[index].arg;
		struct open_how_of_program how = {};
		if (kind == KIND_HOW_OPEN_FLAGS || kind == KIND_HOW_MODE || kind == KIND_HOW_RESOLVE)
			bpf_probe_read_user(&how, sizeof(how), (void *)argument(s, arg));
		switch (kind) {
		case KIND_OPEN_FLAGS:
			add_u32(s, ((u32)argument(s, arg) & 0x07ffffff) | bits);
			break;
		case KIND_HOW_OPEN_FLAGS:
			add_u32(s, ((u32)how.flags & 0x07ffffff) | bits);
			break;
		case KIND_HOW_MODE:
			add_u32(s, how.mode);
			break;
		case KIND_HOW_RESOLVE:
			add_u32(s, how.resolve);
			break;
		case KIND_DEVICE:
			add_u32(s, inode ? device_of(BPF_CORE_READ(inode, i_sb, s_dev)) : 0);
			break;
		case KIND_INODE:
			add_u64(s, inode ? BPF_CORE_READ(inode, i_ino) : 0);
			break;
		case KIND_CREAT_LAYER:
			add_u16(s, layer);
			break;
		case KIND_FILE_PATH:
			if (file)
				add_file_path(s, file, seen.task);
			else
				added(s, 0);
			break;
		case KIND_RESULT:
			add_u64(s, result);
			break;
		case KIND_INT:
			add_u64(s, (s64)(s32)argument(s, arg));
			break;
		case KIND_U32:
			add_u32(s, argument(s, arg));
			break;
		default:
			add_user_text(s, (void *)argument(s, arg));
		}
	}
	send(s);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_socket, struct pt_regs *regs, long result)
{
	struct seen seen;
	if (!begin_call(&seen, regs, result))
		return 0;
	struct scratch *s = seen.s;
	for (u32 index = 0; index < PROBE_PARAMETERS && index < seen.call->count; index++) {
		u32 kind = seen.call->parameters[index].kind, arg = seen.call->parameters[index].arg;
		switch (kind) {
		case KIND_ADDRESS:
			add_address(s, (void *)argument(s, arg), argument(s, arg + 1));
			break;
		case KIND_TUPLE_OF_RESULT:
			add_tuple(s, socket_of(seen.task, result), true);
			break;
		case KIND_TUPLE:
			add_tuple(s, socket_of(seen.task, (s32)argument(s, arg)), false);
			break;
		case KIND_QUEUE_SHARE: {
			struct sock *sk = socket_of(seen.task, (s32)argument(s, arg));
			u32 most = sk ? BPF_CORE_READ(sk, sk_max_ack_backlog) : 0;
			add_u8(s, most ? (u64)BPF_CORE_READ(sk, sk_ack_backlog) * 100 / most : 0);
			break;
		}
		case KIND_QUEUE:
		case KIND_QUEUE_LIMIT: {
			struct sock *sk = socket_of(seen.task, (s32)argument(s, arg));
			add_u32(s, !sk ? 0
				   : kind == KIND_QUEUE ? BPF_CORE_READ(sk, sk_ack_backlog)
							: BPF_CORE_READ(sk, sk_max_ack_backlog));
			break;
		}
		case KIND_RESULT:
			add_u64(s, result);
			break;
		case KIND_INT:
			add_u64(s, (s64)(s32)argument(s, arg));
			break;
		case KIND_U32:
			add_u32(s, argument(s, arg));
			break;
		default:
			added(s, 0);
		}
	}
	send(s);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_call, struct pt_regs *regs, long result)
{
	u32 number = call_number(regs);
	struct probe_call *call = bpf_map_lookup_elem(&calls, &number);
	if (!call || call->handler == HANDLER_OFF)
		return 0;
	if ((call->flags & CALL_IF_SUCCESSFUL) && result < 0 && result != -115)
		return 0;
	if (is_unwatched(bpf_get_current_pid_tgid() >> 32))
		return 0;
	if (is_by_32_bits((void *)bpf_get_current_task())) {
		count(COUNTER_UNSEEN_32);
		return 0;
	}
	bpf_tail_call(ctx, &handlers, call->handler);
	return 0;
}
