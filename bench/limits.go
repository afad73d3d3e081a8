package main

import (
	"bufio"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/srp"
)

// limits are what the machine can do, measured alone in this run.
type limits struct {
	signature    time.Duration // one RS256 signature with RSA-2048, on one core
	generatorExp time.Duration // one 3072-bit g^x with a 256-bit exponent
	exp          time.Duration // one 3072-bit exponentiation of another base
	bareHTTP     float64       // requests a second of a net/http server with a fixed answer

	arithmetic func() // measures the first three again
}

func measureLimits(ctx context.Context, d time.Duration) (*limits, error) {
	l := &limits{}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return l, err
	}
	hash := sha256.Sum256([]byte("poolhouse"))
	l.arithmetic = func() {
		l.signature = each(d/2, func() {
			if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, hash[:]); err != nil {
				panic(err)
			}
		})
		exponent := new(big.Int).SetBytes(hash[:])
		base := srp.GeneratorExp(exponent)
		l.generatorExp = each(d/2, func() { srp.GeneratorExp(exponent) })
		l.exp = each(d/2, func() { srp.Exp(base, exponent) })
	}
	l.arithmetic()
	l.bareHTTP, err = measureBare(ctx, d)
	return l, err
}

func (l *limits) print() {
	fmt.Printf("Limits of this machine, in this run:\n")
	fmt.Printf("  RS256 signatures of one core             %8.0f a second (%v each)\n", perSecond(l.signature), l.signature.Round(time.Microsecond))
	fmt.Printf("  3072-bit exponentiations of one core     %8.0f a second (%v each), %.0f of the generator (%v)\n",
		perSecond(l.exp), l.exp.Round(time.Microsecond), perSecond(l.generatorExp), l.generatorExp.Round(time.Microsecond))
	fmt.Printf("  bare net/http, server and client         %8.0f requests a second\n", l.bareHTTP)
}

func perSecond(d time.Duration) float64 { return float64(time.Second) / float64(d) }

// each gives the CPU time of one call of f, so that what else runs on the machine counts little.
func each(d time.Duration, f func()) time.Duration {
	n := 0
	began, used := time.Now(), cpuTime()
	for time.Since(began) < d {
		f()
		n++
	}
	return (cpuTime() - used) / time.Duration(n)
}

// cpuTime is the CPU time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measureBare loads a process that answers a fixed body, as the other measurements load the server.
func measureBare(ctx context.Context, d time.Duration) (float64, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	address := l.Addr().String()
	l.Close()
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "-bare", address)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return 0, err
	}
	target := &process{endpoint: "http://" + address}
	r := load(ctx, 16, d, func(ctx context.Context, c *connection, _ int) error {
		return c.call(ctx, target, "GetUser", map[string]string{"AccessToken": "x"}, nil)
	})
	return r.rate(), r.err
}

func serveBare(address string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("up")
	http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("{}")) }))
}
