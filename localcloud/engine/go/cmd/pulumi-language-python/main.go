// pulumi-language-python lets the Pulumi engine run programs, policy packs and plugins written in Python.
//
// It is built together with the engine where no official release is to be had, on the packages of Pulumi's own SDK that
// the official language host is made of: python/toolchain, rpcutil and the policy proxy. Left out are the parts that
// write code (convert, package add) and the debugger.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// engineCheckInterval is how often the host asks whether its engine still lives. An engine that was killed also closes
// our standard input, which is noticed at once; this is for engines that run elsewhere.
const engineCheckInterval = time.Minute

func main() {
	tracing := flag.String("tracing", "", "send traces to this endpoint")
	flag.Parse() // the SDK itself registers the logging flags that the engine passes on (-v, --logtostderr)

	if err := serve(flag.Arg(flag.NArg()-1), *tracing); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

func serve(engineAddress, tracing string) error {
	executor, err := executorPath()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if engineAddress != "" {
		if err := rpcutil.Healthcheck(ctx, engineAddress, engineCheckInterval, stop); err != nil {
			return fmt.Errorf("watch the engine at %s: %w", engineAddress, err)
		}
	}
	stopWhenEngineIsGone(stop)

	host := newHost(executor, engineAddress, tracing)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(handle.Port) // the engine reads it from the first line

	select {
	case err = <-handle.Done:
	case <-ctx.Done():
	}
	host.children.killAll() // the engine waits for whatever holds our output open
	return err
}

// executorPath finds the SDK's script that runs a program, which is installed beside this binary.
func executorPath() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(self), "pulumi-language-python-exec")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the SDK's executor is missing: %w", err)
	}
	return path, nil
}

// stopWhenEngineIsGone calls stop at the end of standard input. The engine starts its plugins with a pipe there that it
// never writes to and that breaks when it is killed; whoever starts the host by hand has a terminal or a file there.
func stopWhenEngineIsGone(stop func()) {
	info, err := os.Stdin.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	go func() {
		buffer := make([]byte, 1)
		for {
			if _, err := os.Stdin.Read(buffer); err != nil {
				stop()
				return
			}
		}
	}()
}
