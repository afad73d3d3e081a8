package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

type devCommand struct {
	configFlag

	Listen        string   `default:"127.0.0.1:9229" help:"Address to listen on. Port 0 takes a free one."`
	AllowHost     []string `placeholder:"NAME" help:"Further host names that requests may address, for containers and compose networks."`
	Data          string   `placeholder:"DIR" help:"Keep the data in this folder. Default: in memory."`
	Memory        bool     `help:"Keep the data in memory (the default)."`
	PublicURL     string   `placeholder:"URL" help:"How clients reach the server. Default: http:// and the address that it listens on."`
	AttemptLimits string   `default:"on" enum:"on,off" help:"Attempt limits and the lock after failed passwords: on or off."`
	JSON          bool     `help:"Print one line of JSON instead of the welcome."`
	issuerFlags
	messageFlags
	outboundFlags
	loadFlags
	metricsFlags
	logFlags
}

// Run serves until the context ends.
func (c devCommand) Run(ctx context.Context, con console) error {
	if c.Memory && c.Data != "" {
		return errors.New("--memory and --data exclude each other")
	}
	listener, both, err := listenLocal(c.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	address := listener.Addr().(*net.TCPAddr).AddrPort()
	if !address.Addr().Unmap().IsLoopback() && len(c.AllowHost) == 0 {
		return fmt.Errorf("dev mode takes calls from anyone, so on %s it wants to know by which names it is reached: add --allow-host NAME", c.Listen)
	}
	cfg := server.Config{
		Dev: true, AllowHosts: c.AllowHost,
		DataDir: c.Data, Memory: c.Data == "",
		PublicURL:       c.PublicURL,
		NoAttemptLimits: c.AttemptLimits == "off",
		Version:         versionText(),
		Log:             c.logger(con.err),
	}
	if cfg.PublicURL == "" {
		cfg.PublicURL = "http://" + reachable(address, both, c.AllowHost)
	}
	c.issuerFlags.apply(&cfg)
	c.outboundFlags.apply(&cfg)
	c.loadFlags.apply(&cfg)
	c.metricsFlags.apply(&cfg)
	if err := c.messageFlags.apply(&cfg); err != nil {
		return err
	}
	srv, err := server.New(ctx, cfg)
	if err != nil {
		return err
	}
	demo, err := srv.Demo(ctx)
	if err != nil {
		return errors.Join(err, srv.Close(context.WithoutCancel(ctx)))
	}
	return srv.Serve(ctx, listener, func() {
		if cfg.NoAttemptLimits {
			fmt.Fprintln(con.err, "Attempt limits and the lock after failed passwords are switched off.")
		}
		url := srv.PublicURL()
		if c.JSON {
			json.NewEncoder(con.out).Encode(devLine{
				Endpoint: url, UserPoolID: demo.PoolID, ClientID: demo.ClientID,
				Username: demo.Username, Password: demo.Password, Console: url + "/_poolhouse/inbox",
			})
			return
		}
		fmt.Fprintf(con.out, welcome, url, demo.PoolID, demo.ClientID, demo.Username, demo.Password)
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

// reachable is the host and port by which clients reach the address: this machine by localhost where both of its
// addresses are served, others by the first allowed name.
func reachable(a netip.AddrPort, both bool, names []string) string {
	host := a.Addr().Unmap().String()
	switch {
	case !a.Addr().Unmap().IsLoopback():
		host = names[0]
	case both:
		host = "localhost"
	}
	return net.JoinHostPort(host, strconv.Itoa(int(a.Port())))
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
