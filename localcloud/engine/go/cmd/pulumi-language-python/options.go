package main

import (
	"fmt"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// pythonOptions reads `runtime.options` of a Pulumi.yaml, PulumiPolicy.yaml or PulumiPlugin.yaml.
func pythonOptions(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	python := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	options := info.GetOptions().AsMap()

	var err error
	if python.Virtualenv, err = textOption(options, "virtualenv"); err != nil {
		return python, err
	}
	tools, err := textOption(options, "toolchain")
	if err != nil {
		return python, err
	}
	switch tools {
	case "":
		python.Toolchain = toolchain.Auto
	case "pip":
		python.Toolchain = toolchain.Pip
	case "poetry":
		python.Toolchain = toolchain.Poetry
	case "uv":
		python.Toolchain = toolchain.Uv
	default:
		return python, unsupported("toolchain", tools, "pip", "poetry", "uv")
	}
	checker, err := textOption(options, "typechecker")
	if err != nil {
		return python, err
	}
	switch checker {
	case "":
		python.Typechecker = toolchain.TypeCheckerNone
	case "mypy":
		python.Typechecker = toolchain.TypeCheckerMypy
	case "pyright":
		python.Typechecker = toolchain.TypeCheckerPyright
	default:
		return python, unsupported("typechecker", checker, "mypy", "pyright")
	}
	return python, nil
}

func textOption(options map[string]any, name string) (string, error) {
	value, present := options[name]
	if !present || value == nil {
		return "", nil
	}
	text, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("runtime option %s is %v, not text", name, value)
	}
	return text, nil
}

func unsupported(option, value string, known ...string) error {
	return fmt.Errorf("runtime option %s is %q; use one of: %s", option, value, strings.Join(known, ", "))
}

func resolve(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	python, err := pythonOptions(info)
	if err != nil {
		return nil, err
	}
	return toolchain.ResolveToolchain(python)
}
