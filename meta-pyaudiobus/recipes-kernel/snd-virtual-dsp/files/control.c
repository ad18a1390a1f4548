// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs file ctl: one command a line, done when write() returns. And the
 * planned failures, which operations ask for.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "vdsp.h"

#define LINE_MAX	256

static const char * const op_names[VDSP_OPS] = {
	[VDSP_OP_OPEN] = "open",
	[VDSP_OP_GET_CAPS] = "get_caps",
	[VDSP_OP_SET_PARAMS] = "set_params",
	[VDSP_OP_SET_METADATA] = "set_metadata",
	[VDSP_OP_WRITE] = "write",
	[VDSP_OP_START] = "start",
	[VDSP_OP_PAUSE] = "pause",
	[VDSP_OP_RESUME] = "resume",
	[VDSP_OP_STOP] = "stop",
	[VDSP_OP_DRAIN] = "drain",
	[VDSP_OP_NEXT_TRACK] = "next_track",
	[VDSP_OP_PARTIAL_DRAIN] = "partial_drain",
};

static const struct {
	const char *name;
	int error;
} error_names[] = {
	{ "EPERM", EPERM }, { "EINTR", EINTR }, { "EIO", EIO },
	{ "ENXIO", ENXIO }, { "EAGAIN", EAGAIN }, { "ENOMEM", ENOMEM },
	{ "EBUSY", EBUSY }, { "ENODEV", ENODEV }, { "EINVAL", EINVAL },
	{ "ENOSPC", ENOSPC }, { "EPIPE", EPIPE }, { "EBADFD", EBADFD },
	{ "ETIMEDOUT", ETIMEDOUT }, { "EOPNOTSUPP", EOPNOTSUPP },
};

/**
 * vdsp_planned_failure - ask whether an operation was told to fail
 * @dsp: the DSP
 * @op: the operation that is about to work
 *
 * Return: 0, or the negative error it shall answer.
 */
int vdsp_planned_failure(struct vdsp *dsp, enum vdsp_op op)
{
	struct vdsp_failure *failure = &dsp->failures[op];
	int error = 0;

	spin_lock(&dsp->fail_lock);
	if (failure->count) {
		failure->count--;
		dsp->counters.failures++;
		error = -failure->error;
	}
	spin_unlock(&dsp->fail_lock);
	return error;
}

static int error_number(const char *text, int *error)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(error_names); i++) {
		if (!strcmp(text, error_names[i].name)) {
			*error = error_names[i].error;
			return 0;
		}
	}
	if (kstrtoint(text, 0, error) || *error < 1 || *error > MAX_ERRNO)
		return -EINVAL;
	return 0;
}

/* fail-next OP ERRNO [COUNT] */
static int do_fail_next(struct vdsp *dsp, int argc, char **argv)
{
	struct vdsp_failure failure = { .count = 1 };
	int op;

	if (argc < 3 || argc > 4)
		return -EINVAL;
	op = match_string(op_names, VDSP_OPS, argv[1]);
	if (op < 0 || error_number(argv[2], &failure.error) ||
	    (argc == 4 && kstrtou32(argv[3], 0, &failure.count)))
		return -EINVAL;
	spin_lock(&dsp->fail_lock);
	dsp->failures[op] = failure;
	spin_unlock(&dsp->fail_lock);
	return 0;
}

/* The pace changes: fix what has sounded so far, then wake the worker. */
static void pace_before(struct vdsp *dsp)
{
	mutex_lock(&dsp->lock);
	if (dsp->stream)
		vdsp_clock_anchor(dsp->stream);
}

static void pace_after(struct vdsp *dsp)
{
	if (dsp->stream) {
		vdsp_clock_anchor(dsp->stream);
		vdsp_clock_kick(dsp->stream);
	}
	mutex_unlock(&dsp->lock);
}

static void set_stalled(struct vdsp *dsp, bool stalled)
{
	pace_before(dsp);
	dsp->stalled = stalled;
	vdsp_event(dsp, "stall on=%d", stalled);
	pace_after(dsp);
}

/* stall 0|1 */
static int do_stall(struct vdsp *dsp, int argc, char **argv)
{
	bool stalled = true;

	if (argc > 2 || (argc == 2 && kstrtobool(argv[1], &stalled)))
		return -EINVAL;
	set_stalled(dsp, stalled);
	return 0;
}

/* speed THOUSANDTHS, or speed TIMESx */
static int do_speed(struct vdsp *dsp, int argc, char **argv)
{
	size_t len = argc == 2 ? strlen(argv[1]) : 0;
	u32 scale = 1;
	u32 speed;

	if (len > 1 && argv[1][len - 1] == 'x') {
		argv[1][len - 1] = '\0';
		scale = 1000;
	}
	if (!len || kstrtou32(argv[1], 10, &speed) || !speed ||
	    speed > VDSP_MAX_SPEED / scale)
		return -EINVAL;
	pace_before(dsp);
	dsp->speed = speed * scale;
	vdsp_event(dsp, "speed thousandths=%u", dsp->speed);
	pace_after(dsp);
	return 0;
}

/* xrun: needs the core's lock, and the card to stay while it is held */
static int do_xrun(struct vdsp *dsp, int argc, char **argv)
{
	int error = -ENODEV;

	mutex_lock(&dsp->plug_lock);
	if (dsp->plugged) {
		struct mutex *core_lock = &dsp->plugged->compr.lock;

		mutex_lock(core_lock);
		mutex_lock(&dsp->lock);
		error = dsp->stream ? vdsp_stream_xrun(dsp->stream) : -EBADFD;
		vdsp_event(dsp, "xrun error=%d", error);
		mutex_unlock(&dsp->lock);
		mutex_unlock(core_lock);
	}
	mutex_unlock(&dsp->plug_lock);
	return error;
}

static int do_plug(struct vdsp *dsp, int argc, char **argv)
{
	int error;

	mutex_lock(&dsp->plug_lock);
	error = vdsp_plug(dsp);
	mutex_unlock(&dsp->plug_lock);
	return error;
}

static int do_unplug(struct vdsp *dsp, int argc, char **argv)
{
	int error;

	mutex_lock(&dsp->plug_lock);
	error = vdsp_unplug(dsp);
	mutex_unlock(&dsp->plug_lock);
	return error;
}

/* reset: recordings, counters and planned failures; the stream goes on */
static int do_reset(struct vdsp *dsp, int argc, char **argv)
{
	if (dsp->stalled)
		set_stalled(dsp, false);
	spin_lock(&dsp->fail_lock);
	memset(dsp->failures, 0, sizeof(dsp->failures));
	spin_unlock(&dsp->fail_lock);
	mutex_lock(&dsp->lock);
	vdsp_tape_reset(&dsp->tape);
	memset(&dsp->counters, 0, sizeof(dsp->counters));
	memset(&dsp->last, 0, sizeof(dsp->last));
	memset(&dsp->last_params, 0, sizeof(dsp->last_params));
	dsp->params_count = 0;
	mutex_unlock(&dsp->lock);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct vdsp *dsp, int argc, char **argv);
} commands[] = {
	{ "reset", do_reset },
	{ "speed", do_speed },
	{ "stall", do_stall },
	{ "xrun", do_xrun },
	{ "fail-next", do_fail_next },
	{ "unplug", do_unplug },
	{ "plug", do_plug },
};

static int run_line(struct vdsp *dsp, const char *line)
{
	int argc, error = -EINVAL;
	char **argv = argv_split(GFP_KERNEL, line, &argc);
	unsigned int i;

	if (!argv)
		return -ENOMEM;
	for (i = 0; argc && i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[0], commands[i].name))
			error = commands[i].run(dsp, argc, argv);
	argv_free(argv);
	return argc ? error : 0;
}

static ssize_t ctl_write(struct file *file, const char __user *from,
			 size_t len, loff_t *at)
{
	struct vdsp *dsp = file_inode(file)->i_private;
	char *text, *rest, *line;
	int error = 0;

	if (len > LINE_MAX)
		return -EINVAL;
	text = memdup_user_nul(from, len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	rest = text;
	while (!error && (line = strsep(&rest, "\n")))
		error = run_line(dsp, line);
	kfree(text);
	return error ? error : len;
}

static const struct file_operations ctl_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = ctl_write,
	.llseek = noop_llseek,
};

void vdsp_control_new(struct vdsp *dsp)
{
	debugfs_create_file("ctl", 0200, dsp->debugfs, dsp, &ctl_fops);
}
