package userimport_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// M is a JSON object: the input of an operation, or its answer.
type M = map[string]any

const (
	role     = "arn:aws:iam::123456789012:role/import"
	password = "Correct-Horse-7"
)

// world is a server with a pool that verifies addresses, and jobs that tests make in it.
type world struct {
	t    *testing.T
	srv  *poolhousetest.Server
	pool string
}

func newWorld(t *testing.T, settings M) *world {
	t.Helper()
	t.Parallel()
	w := &world{t: t, srv: poolhousetest.NewServer(t)}
	w.pool = w.newPool(settings)
	return w
}

func (w *world) newPool(settings M) string {
	w.t.Helper()
	in := M{"PoolName": "test", "AutoVerifiedAttributes": []string{"email"}}
	for name, value := range settings {
		in[name] = value
	}
	return w.do("CreateUserPool", in)["UserPool"].(M)["Id"].(string)
}

// call calls an operation and gives its answer, or the name of the exception with its text.
func (w *world) call(operation string, in M) (out M, exception, text string) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.srv.Endpoint+"/", bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=00")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil && err != io.EOF {
		w.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		exception, _ = out["__type"].(string)
		text, _ = out["message"].(string)
		return nil, exception, text
	}
	return out, "", ""
}

// do is a call that must succeed.
func (w *world) do(operation string, in M) M {
	w.t.Helper()
	out, exception, text := w.call(operation, in)
	if exception != "" {
		w.t.Fatalf("%s: %s: %s", operation, exception, text)
	}
	return out
}

// refused is a call that must end with that exception; it gives the text.
func (w *world) refused(operation string, in M, want string) string {
	w.t.Helper()
	_, exception, text := w.call(operation, in)
	if exception != want {
		w.t.Errorf("%s: got %q (%s), want %q", operation, exception, text, want)
	}
	return text
}

func (w *world) job(id string) M { return M{"UserPoolId": w.pool, "JobId": id} }

// create makes a job and gives its id and the address of its file.
func (w *world) create(in M) (id, address string) {
	w.t.Helper()
	all := M{"UserPoolId": w.pool, "JobName": "test", "CloudWatchLogsRoleArn": role}
	for name, value := range in {
		all[name] = value
	}
	job := w.do("CreateUserImportJob", all)["UserImportJob"].(M)
	return job["JobId"].(string), job["PreSignedUrl"].(string)
}

// put uploads a file and gives the status and the body.
func (w *world) put(address, file string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, address, strings.NewReader(file))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("X-Amz-Server-Side-Encryption", "aws:kms")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// upload is a put that must succeed.
func (w *world) upload(address, file string) {
	w.t.Helper()
	if status, body := w.put(address, file); status != http.StatusOK || body != "" {
		w.t.Fatalf("the upload was answered %d %s", status, body)
	}
}

// start starts a job and waits until it is over.
func (w *world) start(id string) M {
	w.t.Helper()
	w.do("StartUserImportJob", w.job(id))
	return w.await(id)
}

func (w *world) await(id string) M {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		job := w.do("DescribeUserImportJob", w.job(id))["UserImportJob"].(M)
		switch job["Status"] {
		case "Pending", "InProgress", "Stopping":
			continue
		}
		return job
	}
	w.t.Fatalf("the job %s does not end", id)
	return nil
}

// log is the job's log, a line for each row.
func (w *world) log(id string) []string {
	w.t.Helper()
	resp, err := http.Get(w.srv.Endpoint + "/_poolhouse/import/" + w.pool + "/" + id + "/log")
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("the log: %d %s %v", resp.StatusCode, body, err)
	}
	return strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
}

// run imports a file and gives the job as it ended, with its log.
func (w *world) run(in M, file string) (M, []string) {
	w.t.Helper()
	id, address := w.create(in)
	w.upload(address, file)
	return w.start(id), w.log(id)
}

// header is the pool's, with more columns behind it.
func (w *world) header(more ...string) []string {
	w.t.Helper()
	var columns []string
	for _, c := range w.do("GetCSVHeader", M{"UserPoolId": w.pool})["CSVHeader"].([]any) {
		columns = append(columns, c.(string))
	}
	return append(columns, more...)
}

// file writes a file of the pool. A row says only what is not empty; cognito:mfa_enabled is false.
func (w *world) file(more []string, rows ...map[string]string) string {
	w.t.Helper()
	columns := w.header(more...)
	var b strings.Builder
	b.WriteString(strings.Join(columns, ",") + "\n")
	for _, r := range rows {
		for i, c := range columns {
			if i > 0 {
				b.WriteByte(',')
			}
			value, given := r[c]
			if c == "cognito:mfa_enabled" && !given {
				value = "false"
			}
			b.WriteString(value)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// person is a row with a verified address.
func person(name string, more ...string) map[string]string {
	r := map[string]string{"cognito:username": name, "email": name + "@example.com", "email_verified": "true"}
	for i := 0; i+1 < len(more); i += 2 {
		r[more[i]] = more[i+1]
	}
	return r
}

// addressOf takes the address of an upload apart, as the door does.
func addressOf(t *testing.T, address string) userimport.Address {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	q := u.Query()
	return userimport.Address{PoolID: parts[len(parts)-2], JobID: parts[len(parts)-1],
		Date: q.Get("X-Amz-Date"), Validity: q.Get("X-Amz-Expires"), Signature: q.Get("X-Amz-Signature")}
}
