package srp

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"
)

// A vector is one exchange with fixed random numbers. Its values were computed apart from this package and
// agree with amazon-cognito-identity-js 6.3.21 and @aws-amplify/auth 6.21.1.
type vector struct {
	Name, Label string

	PoolName  string `json:"pool_name"`
	UserID    string `json:"user_id"`
	Password  string
	Timestamp string

	A, B          string
	Salt          string // as sent
	PadSalt       string `json:"pad_salt"`
	Inner, X, V   string
	SRPA          string `json:"srp_a"`
	SRPB          string `json:"srp_b"`
	U             string
	PadU          string `json:"pad_u"`
	S, PRK, Key   string
	Block         string
	BlockSent     string `json:"block_sent"`
	Message       string
	Signature     string
	SignatureSent string `json:"signature_sent"`
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vs []vector
	if err := json.Unmarshal(text, &vs); err != nil {
		t.Fatal(err)
	}
	if len(vs) != 2 {
		t.Fatalf("got %d vectors, want 2", len(vs))
	}
	return vs
}

// drawn gives the size bytes that a label stands for: SHA-256 over "<label>/<purpose>/<counter>".
func drawn(label, purpose string, size int) []byte {
	var b []byte
	for i := 0; len(b) < size; i++ {
		h := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", label, purpose, i))
		b = append(b, h[:]...)
	}
	return b[:size]
}

func number(b []byte) *big.Int { return new(big.Int).SetBytes(b) }

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			check := func(what, got, want string) {
				t.Helper()
				if got != want || want == "" {
					t.Errorf("%s:\n got %s\nwant %s", what, got, want)
				}
			}
			a, b := number(drawn(v.Label, "a", 128)), number(drawn(v.Label, "b", 32))
			salt, block := drawn(v.Label, "salt", 16), drawn(v.Label, "block", 48)
			check("a", a.Text(16), v.A)
			check("b", b.Text(16), v.B)
			check("salt", Hex(salt), v.Salt)
			check("pad(salt)", hex.EncodeToString(Pad(number(salt))), v.PadSalt)
			check("block", hex.EncodeToString(block), v.Block)
			check("block as sent", base64.StdEncoding.EncodeToString(block), v.BlockSent)
			if v.Name == "device" {
				check("password", base64.StdEncoding.EncodeToString(drawn(v.Label, "password", 40)), v.Password)
			}

			inner := sha256.Sum256([]byte(v.PoolName + v.UserID + ":" + v.Password))
			check("inner", hex.EncodeToString(inner[:]), v.Inner)
			x := privateKey(number(salt), v.PoolName, v.UserID, v.Password)
			check("x", x.Text(16), v.X)
			verifier := Verifier(salt, v.PoolName, v.UserID, v.Password)
			check("v", hex.EncodeToString(verifier), v.V)

			client := newClient(v.PoolName, a)
			check("SRP_A", client.SRPA(), v.SRPA)
			parsed, err := ParseA(v.SRPA)
			if err != nil {
				t.Fatal(err)
			}
			e, srpB, err := start(verifier, parsed, b)
			if err != nil {
				t.Fatal(err)
			}
			check("SRP_B", srpB.Text(16), v.SRPB)
			check("u", e.u.Text(16), v.U)
			check("pad(u)", hex.EncodeToString(Pad(e.u)), v.PadU)
			s := e.secret(number(verifier))
			check("S of the server", s.Text(16), v.S)
			check("S of the client", client.secret(srpB, e.u, x).Text(16), v.S)
			check("PRK", hex.EncodeToString(hmacSHA256(Pad(e.u), Pad(s))), v.PRK)

			if e, err = Resume(e.State()); err != nil {
				t.Fatal(err)
			}
			key, err := e.Key(verifier)
			if err != nil {
				t.Fatal(err)
			}
			check("K", hex.EncodeToString(key[:]), v.Key)
			check("message", hex.EncodeToString([]byte(v.PoolName+v.UserID+string(block)+v.Timestamp)), v.Message)
			signature, err := client.Respond(v.UserID, v.Password, v.Salt, v.SRPB, block, v.Timestamp)
			if err != nil {
				t.Fatal(err)
			}
			check("signature", hex.EncodeToString(signature), v.Signature)
			check("signature as sent", base64.StdEncoding.EncodeToString(signature), v.SignatureSent)

			proof := Proof{PoolName: v.PoolName, UserID: v.UserID, Block: block, Timestamp: v.Timestamp, Signature: signature}
			if ok, err := e.Verify(verifier, proof); !ok || err != nil {
				t.Errorf("Verify = %t, %v; want true", ok, err)
			}
		})
	}
}

// The values that a device sends to ConfirmDevice are the padded integers.
func TestDeviceRegistration(t *testing.T) {
	v := readVectors(t)[1]
	if got, want := base64.StdEncoding.EncodeToString(Pad(number(drawn(v.Label, "salt", 16)))), "Su+cULoQeMDHfSUZPSIAMA=="; got != want {
		t.Errorf("Salt = %s, want %s", got, want)
	}
	verifier := Verifier(drawn(v.Label, "salt", 16), v.PoolName, v.UserID, v.Password)
	got := base64.StdEncoding.EncodeToString(Pad(number(verifier)))
	if want := "N8AGy8npoAaylR9uiBpFaBZaxH+nAF3/sglLKHhbzLYWBbS7"; !strings.HasPrefix(got, want) {
		t.Errorf("PasswordVerifier = %s…, want %s…", got[:48], want)
	}
}

// Numbers of unusual length: what an encoding at fixed width gets wrong.
func TestEdgeVectors(t *testing.T) {
	tests := []struct {
		label, edge, user, password, timestamp string
		sizeA                                  int // of the client's exponent, in bytes
		salt, u, key, signature                string
		holds                                  func(a, b string, e *Exchange, s *big.Int) bool
	}{
		{
			label: "Poolhouse SRP vector 2.62", edge: "SRP_A and salt with an odd number of digits",
			user: "alice", password: "Correct-Horse7!", timestamp: "Wed May 7 00:09:40 UTC 2025", sizeA: 128,
			salt: "658c56fc9f42f7250129388b37dae3e", u: "8f30c9706bbeaf87",
			key: "c0357da06acf475d96b5f12bb8a95d59", signature: "Bkwi+brkuuwsvLWdTkwK7A0aChJW1IARVrlPlFdti7w=",
			holds: func(a, _ string, _ *Exchange, _ *big.Int) bool { return len(a) == 767 },
		},
		{
			label: "Poolhouse SRP vector 3.130", edge: "u of 31 bytes, name and password beyond ASCII, leap day",
			user: "zoë", password: "päss☃w0rd!A", timestamp: "Sat Feb 29 12:00:00 UTC 2020", sizeA: 128,
			salt: "d113a7df317833a25d7f1fd68d3560b0", u: "6a216c9326237cf2",
			key: "3e7a6c89e497ad60efb9aa21b792aab6", signature: "53tnn1kEaLGXD/JKHFY0MH9K/JUAco2tPkiPQqs7XQU=",
			holds: func(_, _ string, e *Exchange, _ *big.Int) bool { return len(e.u.Bytes()) == 31 },
		},
		{
			label: "Poolhouse SRP vector 4.73", edge: "S of 383 bytes, exponent of 256 bits",
			user: "alice", password: "Correct-Horse7!", timestamp: "Wed May 7 00:09:40 UTC 2025", sizeA: 32,
			salt: "6b6396d67af07f54d7d8b4fe506136ae", u: "c3c5f61beb416ae9",
			key: "9ff186b74cbada19a7a547ec2e57edd7", signature: "F2syOT+y1NG3nfPufggHG+PJEnJNaA1Q7EYcF6rnEQc=",
			holds: func(_, _ string, _ *Exchange, s *big.Int) bool { return len(Pad(s)) == 383 },
		},
		{
			label: "Poolhouse SRP vector 5.9", edge: "SRP_B with an odd number of digits, pad(S) of 385 bytes",
			user: "alice", password: "Correct-Horse7!", timestamp: "Wed May 7 00:09:40 UTC 2025", sizeA: 32,
			salt: "da9865ed4a0c0d9aa0882965e8f12ae", u: "1464a7f95a2103bf",
			key: "cfcb0c14583a0cb63bcefa28ec12f14e", signature: "bIxCehh3IejzxvVDr0UnsY5w3/9bpM7h63QFe7/xLz8=",
			holds: func(_, b string, _ *Exchange, s *big.Int) bool { return len(b) == 767 && len(Pad(s)) == 385 },
		},
	}
	const pool = "AbCdEf123"
	for _, tt := range tests {
		t.Run(tt.edge, func(t *testing.T) {
			salt, block := drawn(tt.label, "salt", 16), drawn(tt.label, "block", 48)
			if got := Hex(salt); got != tt.salt {
				t.Errorf("salt = %s, want %s", got, tt.salt)
			}
			client := newClient(pool, number(drawn(tt.label, "a", tt.sizeA)))
			a, err := ParseA(client.SRPA())
			if err != nil {
				t.Fatal(err)
			}
			verifier := Verifier(salt, pool, tt.user, tt.password)
			e, b, err := start(verifier, a, number(drawn(tt.label, "b", 32)))
			if err != nil {
				t.Fatal(err)
			}
			if !tt.holds(client.SRPA(), b.Text(16), e, e.secret(number(verifier))) {
				t.Error("the vector is not the edge that it stands for")
			}
			if got := e.u.Text(16); !strings.HasPrefix(got, tt.u) {
				t.Errorf("u = %s, want %s…", got, tt.u)
			}
			key, err := e.Key(verifier)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(key[:]); got != tt.key {
				t.Errorf("K = %s, want %s", got, tt.key)
			}
			signature, err := client.Respond(tt.user, tt.password, tt.salt, b.Text(16), block, tt.timestamp)
			if err != nil {
				t.Fatal(err)
			}
			if got := base64.StdEncoding.EncodeToString(signature); got != tt.signature {
				t.Errorf("signature = %s, want %s", got, tt.signature)
			}
			if got := key.Sign(Proof{PoolName: pool, UserID: tt.user, Block: block, Timestamp: tt.timestamp}); !bytes.Equal(got, signature) {
				t.Error("the server's signature is not the client's")
			}
			if _, err := ParseTimestamp(tt.timestamp); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestConstantK(t *testing.T) {
	if got, want := k.Text(16), "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"; got != want {
		t.Errorf("k = %s, want %s", got, want)
	}
}
