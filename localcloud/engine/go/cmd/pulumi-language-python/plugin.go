package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// RunPlugin runs a policy pack, a provider or another plugin until it ends or the engine gives the call up.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	if request.GetAttachDebugger() {
		return errors.New("this Python host attaches no debugger; run under the official Pulumi release for that")
	}
	python, err := pythonOptions(request.GetInfo())
	if err != nil {
		return err
	}
	analyzer := request.GetKind() == string(apitype.AnalyzerPlugin)
	if !analyzer {
		python = withPluginVirtualenv(python)
	}
	tools, err := toolchain.ResolveToolchain(python)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }()

	ctx := server.Context()
	if analyzer {
		err = h.runPolicyPack(ctx, request, python, tools, stdout, stderr)
	} else {
		err = h.runOtherPlugin(ctx, request, python, tools, stdout, stderr)
	}
	code, ran := exitCode(err)
	if !ran {
		return fmt.Errorf("could not run the Python plugin in %s: %w", python.Root, err)
	}
	return server.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: code}})
}

// withPluginVirtualenv: a pip plugin that names no virtual environment has one of its own, made at its installation.
func withPluginVirtualenv(python toolchain.PythonOptions) toolchain.PythonOptions {
	if python.Toolchain == toolchain.Pip && python.Virtualenv == "" {
		python.Virtualenv = "venv"
	}
	return python
}

func (h *host) runOtherPlugin(
	ctx context.Context, request *pulumirpc.RunPluginRequest, python toolchain.PythonOptions, tools toolchain.Toolchain,
	stdout, stderr io.Writer,
) error {
	script := append([]string{"-u", request.GetInfo().GetProgramDirectory()}, request.GetArgs()...)
	cmd, err := pluginCommand(ctx, request, python, tools, script)
	if err != nil {
		return err
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = request.GetPwd(), stdout, stderr
	return h.children.run(cmd)
}

// pluginCommand runs `script` where the plugin's directory has a __main__.py, and the package that its pyproject.toml
// builds where it has none.
func pluginCommand(
	ctx context.Context, request *pulumirpc.RunPluginRequest, python toolchain.PythonOptions, tools toolchain.Toolchain,
	script []string,
) (*exec.Cmd, error) {
	if err := tools.ValidateVenv(ctx); err != nil {
		return nil, err
	}
	_, err := os.Stat(filepath.Join(python.Root, "__main__.py"))
	if errors.Is(err, os.ErrNotExist) {
		script, err = packageArguments(python.Root, request.GetArgs())
	}
	if err != nil {
		return nil, err
	}
	cmd, err := tools.Command(ctx, script...)
	if err != nil {
		return nil, err
	}
	venv, err := tools.VirtualEnvPath(ctx)
	if err != nil {
		return nil, err
	}
	cmd.Env = pluginEnvironment(request.GetEnv(), cmd.Env, venv)
	return cmd, nil
}

func packageArguments(root string, arguments []string) ([]string, error) {
	buildable, err := toolchain.IsBuildablePackage(root)
	if err != nil {
		return nil, err
	}
	if !buildable {
		return nil, fmt.Errorf("%s has neither a __main__.py nor a pyproject.toml that can be built", root)
	}
	project, err := toolchain.LoadPyproject(root)
	if err != nil {
		return nil, err
	}
	return append([]string{"-u", "-m", "pulumi.run.plugin", project.Project.Name}, arguments...), nil
}

// pluginEnvironment is what the engine asks for, which is complete, with the virtual environment activated in it.
func pluginEnvironment(requested, fromToolchain []string, venv string) []string {
	if len(requested) == 0 {
		return fromToolchain
	}
	var environment []string
	for _, entry := range requested {
		if name, _, ok := strings.Cut(entry, "="); ok && name != "" {
			environment = append(environment, entry)
		}
	}
	if venv == "" || fromToolchain == nil {
		return environment
	}
	return toolchain.ActivateVirtualEnv(environment, venv)
}
