package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// exitShown is the executor's exit code for a failure that it has already shown to the user.
const exitShown = 32

// Run runs a program to its end: the engine's own output shows what it printed.
func (h *host) Run(parent context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, cancel := h.cancellable(parent)
	defer cancel()
	if request.GetAttachDebugger() {
		return nil, errors.New("this Python host attaches no debugger; run under the official Pulumi release for that")
	}
	python, err := pythonOptions(request.GetInfo())
	if err != nil {
		return nil, err
	}
	tools, err := toolchain.ResolveToolchain(python)
	if err != nil {
		return nil, err
	}
	if err := tools.ValidateVenv(ctx); err != nil {
		return nil, err
	}
	if err := h.checkTypes(ctx, python, tools); err != nil {
		return nil, err
	}
	cmd, err := tools.Command(ctx, append([]string{"-u", h.executor}, h.programArguments(request)...)...)
	if err != nil {
		return nil, err
	}
	if cmd.Env, err = programEnvironment(cmd.Env, request); err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return runResponse(h.children.run(cmd))
}

// programArguments are the executor's: it connects to the engine, then runs the program as a script.
func (h *host) programArguments(request *pulumirpc.RunRequest) []string {
	var arguments []string
	for _, option := range [][2]string{
		{"monitor", request.GetMonitorAddress()},
		{"engine", h.engine()},
		{"project", request.GetProject()},
		{"root_directory", request.GetInfo().GetRootDirectory()},
		{"stack", request.GetStack()},
		{"pwd", request.GetPwd()},
		{"dry_run", strconv.FormatBool(request.GetDryRun())},
		{"parallel", strconv.Itoa(int(request.GetParallel()))},
		{"tracing", h.tracing},
		{"organization", request.GetOrganization()},
	} {
		if option[1] != "" {
			arguments = append(arguments, "--"+option[0], option[1])
		}
	}
	arguments = append(arguments, request.GetInfo().GetEntryPoint())
	return append(arguments, request.GetArgs()...)
}

// programEnvironment adds the stack's configuration, which the SDK reads from the environment.
func programEnvironment(environment []string, request *pulumirpc.RunRequest) ([]string, error) {
	if environment == nil {
		environment = os.Environ()
	}
	config := request.GetConfig()
	if config == nil {
		config = map[string]string{}
	}
	secrets := request.GetConfigSecretKeys()
	if secrets == nil {
		secrets = []string{}
	}
	configText, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	secretsText, err := json.Marshal(secrets)
	if err != nil {
		return nil, fmt.Errorf("write the secret configuration keys: %w", err)
	}
	return append(environment, "PULUMI_CONFIG="+string(configText), "PULUMI_CONFIG_SECRET_KEYS="+string(secretsText)), nil
}

func runResponse(err error) (*pulumirpc.RunResponse, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("could not run the program: %v", err)}, nil
	case exit.ExitCode() == exitShown:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case exit.ExitCode() >= 0:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program exited with non-zero exit code: %d", exit.ExitCode())}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program exited unexpectedly: %v", exit)}, nil
	}
}

// checkTypes runs the type checker that the project asks for, if any, over the program.
func (h *host) checkTypes(ctx context.Context, python toolchain.PythonOptions, tools toolchain.Toolchain) error {
	var arguments []string
	switch python.Typechecker {
	case toolchain.TypeCheckerMypy:
		arguments = []string{"mypy"}
		if venv, err := tools.VirtualEnvPath(ctx); err == nil && venv != "" {
			if relative, err := filepath.Rel(python.ProgramDir, venv); err == nil {
				arguments = append(arguments, "--exclude", relative)
			}
		}
	case toolchain.TypeCheckerPyright:
		arguments = []string{"pyright"}
	default:
		return nil
	}
	arguments = append(arguments, python.ProgramDir)
	cmd, err := tools.ModuleCommand(ctx, arguments[0], arguments[1:]...)
	if err != nil {
		return err
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = python.ProgramDir, os.Stdout, os.Stderr
	if err := h.children.run(cmd); err != nil {
		return fmt.Errorf("%s failed: %w", arguments[0], err)
	}
	return nil
}

// exitCode is a process's, or 128 and the signal's number as shells have it. False where the process never ran.
func exitCode(err error) (int32, bool) {
	var exit *exec.ExitError
	if err == nil {
		return 0, true
	}
	if !errors.As(err, &exit) {
		return 0, false
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int32(status.Signal()), true
	}
	return int32(exit.ExitCode()), true
}
