package main

import (
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// outputDelay is how long output may still arrive after a child ended, from processes that it left behind.
const outputDelay = 2 * time.Second

// children are the processes that the host started and that have not ended. Each leads a process group of its own, so
// that what it started itself (uv, a program's subprocesses) ends with it.
type children struct {
	lock    sync.Mutex
	leaders map[int]struct{}
	closed  bool
}

// start starts a command whose end, or whose context's end, must be followed by a call of the function returned.
func (c *children) start(cmd *exec.Cmd) (end func(), err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = outputDelay
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }

	c.lock.Lock()
	defer c.lock.Unlock()
	if c.closed {
		return nil, syscall.ECANCELED
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	leader := cmd.Process.Pid
	if c.leaders == nil {
		c.leaders = map[int]struct{}{}
	}
	c.leaders[leader] = struct{}{}
	return func() {
		_ = killGroup(leader) // whatever the child left behind; usually nothing
		c.lock.Lock()
		defer c.lock.Unlock()
		delete(c.leaders, leader)
	}, nil
}

// run starts a command and waits for its end.
func (c *children) run(cmd *exec.Cmd) error {
	end, err := c.start(cmd)
	if err != nil {
		return err
	}
	defer end()
	return cmd.Wait()
}

// killAll ends every child and lets no new one start.
func (c *children) killAll() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.closed = true
	for leader := range c.leaders {
		_ = killGroup(leader)
	}
}

func killGroup(leader int) error {
	return syscall.Kill(-leader, syscall.SIGKILL)
}
