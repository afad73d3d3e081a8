// Package caller says who calls a signed operation. A Verifier checks AWS Signature Version 4 in its
// header form against access keys; Open, for development, believes any well-formed signature.
//
// A request passes these checks, and the first that fails is its answer: the Authorization header and
// its parts, the credential scope, what is signed, the date, a session token, the body's hash, the access key and the
// signature. All errors that a client causes are *wire.Exception of the protocol, which every operation
// may answer; any other error is the store's.
package caller

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	service    = "cognito-idp"
	terminator = "aws4_request"
	compact    = "20060102T150405Z"

	// maxSkew is how far a request's date may be from the server's clock, either way.
	maxSkew = 5 * time.Minute
)

// Verifier verifies signatures. All members are needed.
type Verifier struct {
	Keys   userpool.AccessKeyReader
	Region string // that the credential scope must name
	Now    func() time.Time
}

// unknownKeySecret signs for access keys that are not there, so that they cost the same.
const unknownKeySecret = "0000000000000000000000000000000000000000"

// Authenticate verifies the signature of r, whose body was read already. The caller that it returns has
// the access key's id and the region; the rest is for the door to fill in.
func (v *Verifier) Authenticate(r *http.Request, body []byte) (userpool.Caller, error) {
	auth, err := parseAuthorization(r, true)
	if err != nil {
		return userpool.Caller{}, err
	}
	if err := v.checkScope(auth); err != nil {
		return userpool.Caller{}, err
	}
	if err := checkSignedHeaders(auth); err != nil {
		return userpool.Caller{}, err
	}
	if err := v.checkDate(auth, r.Header.Get("X-Amz-Date")); err != nil {
		return userpool.Caller{}, err
	}
	if len(r.Header.Values("X-Amz-Security-Token")) > 0 {
		return userpool.Caller{}, wire.UnrecognizedClientException("The security token included in the request is invalid. " +
			"This server has no temporary credentials: sign with an access key of 'poolhouse access-key create' and without a session token.")
	}
	sum := sha256.Sum256(body)
	payload := hex.EncodeToString(sum[:])
	if sent := r.Header.Values("X-Amz-Content-Sha256"); len(sent) > 0 && (len(sent) > 1 || sent[0] != payload) {
		return userpool.Caller{}, wire.InvalidSignatureException("The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	canonical, err := canonicalRequest(r, auth.signedHeaders, payload)
	if err != nil {
		return userpool.Caller{}, err
	}

	secret, known := unknownKeySecret, false
	if plausibleKeyID(auth.keyID) {
		switch key, err := v.Keys.AccessKey(r.Context(), auth.keyID); {
		case err == nil:
			secret, known = key.Secret, true
		case !errors.Is(err, userpool.ErrNotFound):
			return userpool.Caller{}, err
		}
	}
	want := signature(secret, auth, r.Header.Get("X-Amz-Date"), canonical)
	same := hmac.Equal([]byte(want), []byte(auth.signature))
	switch {
	case !known:
		return userpool.Caller{}, wire.UnrecognizedClientException("The security token included in the request is invalid.")
	case !same:
		return userpool.Caller{}, wire.InvalidSignatureException("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return userpool.Caller{AccessKeyID: auth.keyID, Region: auth.region}, nil
}

func (v *Verifier) checkScope(auth *authorization) error {
	switch {
	case auth.region != v.Region:
		return wire.InvalidSignatureException("Credential should be scoped to a valid region.")
	case auth.service != service:
		return wrongService()
	case auth.terminator != terminator:
		return wrongTerminator()
	}
	return nil
}

func wrongService() error {
	return wire.InvalidSignatureException("Credential should be scoped to correct service: '" + service + "'.")
}

func wrongTerminator() error {
	return wire.InvalidSignatureException("Credential should be scoped with a valid terminator: '" + terminator + "'.")
}

// checkDate compares the request's date with the credential scope's day and with the clock.
func (v *Verifier) checkDate(auth *authorization, date string) error {
	at, err := time.Parse(compact, date)
	if err != nil {
		return wire.IncompleteSignatureException("Date must be in ISO-8601 'basic format'. Got '" + shown(date) +
			"'. See http://en.wikipedia.org/wiki/ISO_8601")
	}
	if day := date[:len("20060102")]; day != auth.date {
		return wire.InvalidSignatureException("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			shown(auth.date) + "' != '" + day + "', from '" + date + "'.")
	}
	now := v.Now().UTC().Truncate(time.Second)
	switch earliest, latest := now.Add(-maxSkew), now.Add(maxSkew); {
	case at.Before(earliest):
		return wire.InvalidSignatureException("Signature expired: " + date + " is now earlier than " +
			earliest.Format(compact) + " (" + now.Format(compact) + " - 5 min.)")
	case at.After(latest):
		return wire.InvalidSignatureException("Signature not yet current: " + date + " is still later than " +
			latest.Format(compact) + " (" + now.Format(compact) + " + 5 min.)")
	}
	return nil
}

// checkSignedHeaders wants what decides on the request's meaning to be signed.
func checkSignedHeaders(auth *authorization) error {
	for _, h := range [...]struct{ name, shown string }{
		{"host", "'Host' or ':authority'"},
		{"x-amz-date", "'X-Amz-Date'"},
		{"x-amz-target", "'X-Amz-Target'"},
	} {
		if !slices.Contains(auth.signedHeaders, h.name) {
			return wire.InvalidSignatureException(h.shown + " must be a 'SignedHeader' in the AWS Authorization.")
		}
	}
	return nil
}

// plausibleKeyID says whether the store need be asked for id at all.
func plausibleKeyID(id string) bool {
	return id != "" && len(id) <= 128 && strings.IndexFunc(id, func(c rune) bool {
		return c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}) < 0
}
