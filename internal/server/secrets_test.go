package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/server"
	"github.com/poolhouse-id/poolhouse/internal/wire"
	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// Secrets are planted in every member of every operation, and in a life of a user from sign-up to recovery; no
// log line of any level holds one, and no entry of the audit log.
func TestNoSecretReachesTheLogs(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	srv := poolhousetest.Start(t, poolhousetest.Config{DataDir: data})
	planted := map[string]string{} // value in lower case → member
	for _, op := range wire.Operations() {
		in := op.NewInput()
		plant(reflect.ValueOf(in).Elem(), op.Name, planted)
		body, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		post(t, srv, op.Name, body)
		post(t, srv, op.Name, bytes.ToUpper(body)) // unknown members
		post(t, srv, op.Name, body[:len(body)/2])  // broken JSON
	}
	log := srv.Log()
	if lines := strings.Count(log, "\n"); lines < 3*140 {
		t.Fatalf("the log has %d lines; the requests were not logged, so this shows nothing", lines)
	}
	for _, found := range marker.FindAllString(log, -1) {
		if where, ok := planted[strings.ToLower(found)]; ok {
			t.Errorf("%s is in the log: %s", where, lineWith(log, found))
		}
	}
	secrets := map[string]string{}
	life(t, srv, secrets)
	log = srv.Log()
	for secret, where := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("%s is in the log: %s", where, lineWith(log, secret))
		}
	}
	audit := auditText(t, server.Config{DataDir: data})
	for _, operation := range []string{"AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser", "AdminUpdateUserAttributes", "CreateUserPoolClient"} {
		if !strings.Contains(audit, operation) {
			t.Fatalf("%s is not in the audit log, so this shows nothing:\n%s", operation, audit)
		}
	}
	for secret, where := range secrets {
		if strings.Contains(audit, secret) {
			t.Errorf("%s is in the audit log: %s", where, lineWith(audit, secret))
		}
	}
}

// auditText is everything that the audit log holds, a line for an entry.
func auditText(t *testing.T, cfg server.Config) string {
	t.Helper()
	var text strings.Builder
	for _, e := range auditOf(t, cfg) {
		fmt.Fprintf(&text, "%+v\n", e)
	}
	return text.String()
}

// auditOf reads the audit log, oldest entry first.
func auditOf(t *testing.T, cfg server.Config) (entries []server.AuditEntry) {
	t.Helper()
	log, err := server.OpenAuditLog(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	err = log.Each(t.Context(), server.AuditQuery{OldestFirst: true}, func(e server.AuditEntry) error {
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// marker finds what plant planted.
var marker = regexp.MustCompile(`(?i)planted-[0-9]+-x!9`)

func lineWith(log, text string) string {
	for line := range strings.Lines(log) {
		if strings.Contains(line, text) {
			return line
		}
	}
	return ""
}

// loggable are the members that a log may show: ids of pools and clients go into every line.
var loggable = regexp.MustCompile(`(UserPoolId|ClientId)$`)

// plant fills every string of a request with a value of its own.
func plant(v reflect.Value, path string, planted map[string]string) {
	switch v.Kind() {
	case reflect.String:
		value := fmt.Sprintf("planted-%d-x!9", len(planted))
		v.SetString(value)
		planted[value] = path
		if loggable.MatchString(path) {
			v.SetString("Shown") // not a secret
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		plant(v.Elem(), path, planted)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !f.Anonymous {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				plant(v.Field(i), path+"."+name, planted)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		plant(v.Index(0), path+"[]", planted)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		plant(key, path+"{key}", planted)
		plant(value, path+"{}", planted)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	}
}

// life takes a user through everything that this version can do, and notes what must stay secret.
func life(t *testing.T, srv *poolhousetest.Server, secrets map[string]string) {
	t.Helper()
	const email, phone, first, second, third = "planted.address@example.com", "+12065550123", "First-Planted-1", "Second-Planted-2", "Third-Planted-3"
	for _, s := range []string{email, phone, first, second, third, "planted-name"} {
		secrets[s] = "the life of a user"
	}
	keep := func(name, value string) string {
		if value == "" {
			t.Errorf("there is no %s", name)
		}
		secrets[value] = name
		return value
	}
	call := func(operation string, in map[string]any) map[string]any {
		t.Helper()
		body, _ := json.Marshal(in)
		status, answer := post(t, srv, operation, body)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", operation, status, answer)
		}
		var out map[string]any
		if len(answer) > 0 {
			if err := json.Unmarshal(answer, &out); err != nil {
				t.Fatalf("%s: %v", operation, err)
			}
		}
		return out
	}
	signIn := func(password string) (access, refresh string) {
		t.Helper()
		out := call("InitiateAuth", map[string]any{
			"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID,
			"AuthParameters": map[string]string{"USERNAME": "planted-name", "PASSWORD": password},
		})["AuthenticationResult"].(map[string]any)
		keep("ID token", out["IdToken"].(string))
		return keep("access token", out["AccessToken"].(string)), keep("refresh token", out["RefreshToken"].(string))
	}
	call("SignUp", map[string]any{"ClientId": srv.ClientID, "Username": "planted-name", "Password": first,
		"UserAttributes": []map[string]string{{"Name": "email", "Value": email}, {"Name": "phone_number", "Value": phone}}})
	call("ConfirmSignUp", map[string]any{"ClientId": srv.ClientID, "Username": "planted-name",
		"ConfirmationCode": keep("confirmation code", srv.Code(t, email))})
	access, refresh := signIn(first)
	call("GetUserAttributeVerificationCode", map[string]any{"AccessToken": access, "AttributeName": "phone_number"})
	call("VerifyUserAttribute", map[string]any{"AccessToken": access, "AttributeName": "phone_number",
		"Code": keep("phone code", srv.Code(t, phone))})
	call("ChangePassword", map[string]any{"AccessToken": access, "PreviousPassword": first, "ProposedPassword": second})
	call("InitiateAuth", map[string]any{"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": srv.ClientID,
		"AuthParameters": map[string]string{"REFRESH_TOKEN": refresh}})
	call("ForgotPassword", map[string]any{"ClientId": srv.ClientID, "Username": "planted-name"})
	code := srv.Code(t, email)
	if sms := srv.Inbox(t, phone); len(sms) > 0 && sms[0].Sent.After(srv.Inbox(t, email)[0].Sent) {
		code = sms[0].Code
	}
	call("ConfirmForgotPassword", map[string]any{"ClientId": srv.ClientID, "Username": "planted-name",
		"ConfirmationCode": keep("reset code", code), "Password": third})
	access, refresh = signIn(third)
	call("RevokeToken", map[string]any{"ClientId": srv.ClientID, "Token": refresh})
	created := call("CreateUserPoolClient", map[string]any{"UserPoolId": srv.PoolID, "ClientName": "secret", "GenerateSecret": true})
	keep("client secret", created["UserPoolClient"].(map[string]any)["ClientSecret"].(string))
	call("AdminCreateUser", map[string]any{"UserPoolId": srv.PoolID, "Username": "planted-other", "MessageAction": "SUPPRESS",
		"TemporaryPassword": keep("temporary password", "Temporary-Planted-5"), "ClientMetadata": map[string]string{"k": keep("metadata", "planted-metadata")},
		"UserAttributes": []map[string]string{{"Name": "email", "Value": keep("other address", "planted.other@example.com")}}})
	call("AdminSetUserPassword", map[string]any{"UserPoolId": srv.PoolID, "Username": keep("other name", "planted-other"),
		"Password": keep("set password", "Set-Planted-6"), "Permanent": true})
	call("AdminUpdateUserAttributes", map[string]any{"UserPoolId": srv.PoolID, "Username": "planted-other",
		"UserAttributes": []map[string]string{{"Name": "name", "Value": keep("attribute", "Planted Person")}}})
	call("AdminDeleteUser", map[string]any{"UserPoolId": srv.PoolID, "Username": "planted-other"})
	srv.Advance(time.Hour)
	post(t, srv, "GetUser", []byte(`{"AccessToken":"`+access+`"}`)) // revoked
	body, _ := json.Marshal(map[string]any{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID,
		"AuthParameters": map[string]string{"USERNAME": "planted-name", "PASSWORD": keep("wrong password", "Wrong-Planted-4")}})
	post(t, srv, "InitiateAuth", body)
}

// post calls an operation with a signature that is well-formed and nothing more.
func post(t *testing.T, srv *poolhousetest.Server, operation string, body []byte) (status int, answer []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, srv.Endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	req.Header.Set("X-Amz-Date", "20260101T000000Z")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/cognito-idp/aws4_request, "+
		"SignedHeaders=host;x-amz-date;x-amz-target, Signature="+strings.Repeat("0", 64))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out.Bytes()
}
