package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/alecthomas/kong"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

type devCommand struct {
	Config kong.ConfigFlag `help:"YAML file with settings: the names of these flags as keys."`

	Listen         string   `default:"127.0.0.1:9229" help:"Address to listen on. Port 0 takes a free one."`
	AllowHost      []string `help:"Further host names that requests may address, for containers and compose networks."`
	Data           string   `help:"Keep the data in this folder. Default: in memory."`
	Memory         bool     `help:"Keep the data in memory (the default)."`
	Region         string   `default:"us-east-1" help:"Region of the demo pool and of unsigned calls."`
	Account        string   `default:"123456789012" help:"Account id in ARNs."`
	PublicURL      string   `help:"How clients reach the server. Default: http:// and the address that it listens on."`
	IssuerTemplate string   `help:"Issuer of tokens with {pool} and {region} in it, such as https://cognito-idp.{region}.amazonaws.com/{pool}."`
	AttemptLimits  string   `default:"on" enum:"on,off" help:"Attempt limits and the lock after failed passwords: on or off."`
	JSON           bool     `help:"Print one line of JSON instead of the welcome."`
	Workers        int      `help:"How many signatures and exponentiations run at once. Default: by the number of processors."`
	messageFlags
	logFlags
}

// Run serves until the context ends.
func (c devCommand) Run(ctx context.Context, con console) error {
	spareProcessor()
	if c.Memory && c.Data != "" {
		return errors.New("--memory and --data exclude each other")
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", c.Listen, err)
	}
	defer listener.Close()
	address := listener.Addr().(*net.TCPAddr).AddrPort()
	if !address.Addr().Unmap().IsLoopback() && len(c.AllowHost) == 0 {
		return fmt.Errorf("dev mode takes calls from anyone, so on %s it wants to know by which names it is reached: add --allow-host NAME", c.Listen)
	}
	cfg := server.Config{
		Dev: true, AllowHosts: c.AllowHost,
		DataDir: c.Data, Memory: c.Data == "",
		Region: c.Region, Account: c.Account,
		PublicURL: c.PublicURL, IssuerTemplate: c.IssuerTemplate,
		NoAttemptLimits: c.AttemptLimits == "off",
		Workers:         c.Workers,
		Sender:          c.SMTPFrom,
		Version:         versionText(),
		Log:             c.logger(con.err),
	}
	if cfg.PublicURL == "" {
		cfg.PublicURL = "http://" + reachable(address, c.AllowHost)
	}
	if cfg.Email, err = c.email(); err != nil {
		return err
	}
	if cfg.SMS, err = c.sms(c.Region); err != nil {
		return err
	}
	srv, err := server.New(ctx, cfg)
	if err != nil {
		return err
	}
	demo, err := srv.Demo(ctx)
	if err != nil {
		srv.Close(context.WithoutCancel(ctx))
		return err
	}
	return srv.Serve(ctx, listener, func() {
		if c.JSON {
			json.NewEncoder(con.out).Encode(devLine{
				Endpoint: cfg.PublicURL, UserPoolID: demo.PoolID, ClientID: demo.ClientID,
				Username: demo.Username, Password: demo.Password, Console: cfg.PublicURL + "/_poolhouse/inbox",
			})
			return
		}
		fmt.Fprintf(con.out, welcome, cfg.PublicURL, demo.PoolID, demo.ClientID, demo.Username, demo.Password)
		if cfg.NoAttemptLimits {
			fmt.Fprintln(con.out, "Attempt limits and the lock after failed passwords are switched off.")
		}
	})
}

// devLine is what --json prints.
type devLine struct {
	Endpoint   string `json:"endpoint"`
	UserPoolID string `json:"user_pool_id"`
	ClientID   string `json:"client_id"`
	Username   string `json:"username"`
	Password   string `json:"password"`
	Console    string `json:"console"`
}

// reachable is the host and port by which this machine, or the first allowed name, reaches the address.
func reachable(a netip.AddrPort, names []string) string {
	port := fmt.Sprint(a.Port())
	switch {
	case a.Addr().Unmap().IsUnspecified() && len(names) > 0:
		return net.JoinHostPort(names[0], port)
	case a.Addr().Unmap().Is4() && a.Addr().IsLoopback():
		return net.JoinHostPort("localhost", port)
	}
	return net.JoinHostPort(a.Addr().Unmap().String(), port)
}

const welcome = `Poolhouse is running at %[1]s

  user pool   %[2]s
  app client  %[3]s
  user        %[4]s
  password    %[5]s
  inbox       %[1]s/_poolhouse/inbox

Sign in:

  curl -s %[1]s \
    -H 'Content-Type: application/x-amz-json-1.1' \
    -H 'X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth' \
    -d '{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"%[3]s","AuthParameters":{"USERNAME":"%[4]s","PASSWORD":"%[5]s"}}'

Stop with Ctrl-C.
`
