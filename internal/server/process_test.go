package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// binary builds the command once for all tests that need processes.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "poolhouse-binary-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "poolhouse")
	build := exec.Command("go", "build", "-o", path, "github.com/poolhouse-id/poolhouse/cmd/poolhouse")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	return path, build.Run()
})

func TestMain(m *testing.M) {
	status := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(status)
}

// node is a `poolhouse serve` process.
type node struct {
	*cognitoidentityprovider.Client
	cmd     *exec.Cmd
	address string // http://127.0.0.1:port
}

// installation is what several nodes and the command line share: a database, its key and an access key.
type installation struct {
	storage   []string // flags
	accessKey aws.CredentialsProvider
}

// install makes an installation on SQLite, or on PostgreSQL when url is not empty.
func install(t *testing.T, url string) installation {
	t.Helper()
	dir := t.TempDir()
	in := installation{storage: []string{"--data", filepath.Join(dir, "data")}}
	if url != "" {
		file := filepath.Join(dir, "url")
		if err := os.WriteFile(file, []byte(url+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		in.storage = []string{"--database-url-file", file, "--master-key-file", filepath.Join(dir, "master.key")}
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, append([]string{"access-key", "create"}, in.storage...)...).Output()
	if err != nil {
		t.Fatalf("access-key create: %v\n%s", err, stderrOf(err))
	}
	values := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[name] = value
	}
	in.accessKey = credentials.NewStaticCredentialsProvider(values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"], "")
	return in
}

func stderrOf(err error) string {
	if e, ok := err.(*exec.ExitError); ok {
		return string(e.Stderr)
	}
	return ""
}

// start runs a node and waits until it answers.
func (in installation) start(t *testing.T) *node {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"serve", "--listen", "127.0.0.1:0",
		"--public-url", "http://localhost:9229", "--log-format", "json"}, in.storage...)...)
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n := &node{cmd: cmd}
	t.Cleanup(n.kill)
	lines := bufio.NewScanner(logs)
	var seen strings.Builder
	for lines.Scan() {
		seen.WriteString(lines.Text() + "\n")
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			go io.Copy(io.Discard, logs)
			n.address = "http://" + line.Address
			n.Client = cognitoidentityprovider.New(cognitoidentityprovider.Options{
				Region:           "us-east-1",
				BaseEndpoint:     aws.String("http://" + line.Address),
				Credentials:      in.accessKey,
				RetryMaxAttempts: 1,
			})
			return n
		}
	}
	t.Fatalf("the server did not come up:\n%s", seen.String())
	return nil
}

// kill ends the process as a power cut would.
func (n *node) kill() {
	if n.cmd.ProcessState == nil {
		n.cmd.Process.Signal(syscall.SIGKILL)
		n.cmd.Wait()
	}
}

// pool makes a pool with a client that signs in every way of this version.
func (n *node) pool(t *testing.T) (poolID, clientID string) {
	t.Helper()
	ctx := context.Background()
	pool, err := n.CreateUserPool(ctx, &cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	client, err := n.CreateUserPoolClient(ctx, &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: pool.UserPool.Id, ClientName: aws.String("test"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowUserSrpAuth,
			types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *pool.UserPool.Id, *client.UserPoolClient.ClientId
}

const password = "Correct-Horse-7"

// confirmed makes a user who can sign in.
func (n *node) confirmed(t *testing.T, poolID, name string) {
	t.Helper()
	ctx := context.Background()
	_, err := n.AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &poolID, Username: &name, MessageAction: types.MessageActionTypeSuppress,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = n.AdminSetUserPassword(ctx, &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &poolID, Username: &name, Password: aws.String(password), Permanent: true,
	})
	if err != nil {
		t.Fatal(err)
	}
}
