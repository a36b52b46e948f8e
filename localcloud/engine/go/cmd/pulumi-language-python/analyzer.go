package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// runPolicyPack puts the SDK's proxy between engine and pack. The engine tells project, stack and configuration only
// once it is connected; packs read them from their environment while they start.
func (h *host) runPolicyPack(
	ctx context.Context, request *pulumirpc.RunPluginRequest, python toolchain.PythonOptions, tools toolchain.Toolchain,
	stdout, stderr io.Writer,
) error {
	script := append([]string{"-u", "-m", "pulumi.policy"}, request.GetArgs()...)
	script = append(script, request.GetInfo().GetProgramDirectory())
	cmd, err := pluginCommand(ctx, request, python, tools, script) // before the proxy, so that its fault is the one shown
	if err != nil {
		return err
	}
	proxy, packStdout, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return fmt.Errorf("start the policy proxy: %w", err)
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return fmt.Errorf("wait for the stack's configuration: %w", err)
	}
	about, err := stackEnvironment(stack)
	if err != nil {
		return err
	}
	if cmd.Env == nil {
		cmd.Env = cmd.Environ()
	}
	cmd.Env = append(cmd.Env, about...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = python.Root, packStdout, stderr

	end, err := h.children.start(cmd)
	if err != nil {
		return err
	}
	defer end()
	return proxy.Attach(ctx, cmd)
}

// stackEnvironment is empty where there is no stack, as in `pulumi policy publish`.
func stackEnvironment(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	config := stack.GetConfig()
	if config == nil {
		config = map[string]string{}
	}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("write the stack's configuration: %w", err)
	}
	environment := []string{"PULUMI_CONFIG=" + string(text), "PULUMI_DRY_RUN=" + strconv.FormatBool(stack.GetDryRun())}
	for _, entry := range [][2]string{
		{"PULUMI_ORGANIZATION", stack.GetOrganization()},
		{"PULUMI_PROJECT", stack.GetProject()},
		{"PULUMI_STACK", stack.GetStack()},
	} {
		if entry[1] != "" {
			environment = append(environment, entry[0]+"="+entry[1])
		}
	}
	return environment, nil
}
