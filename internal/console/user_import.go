package console

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// partPatience is how long a client may take for so much of a file as is read at once.
const partPatience = time.Minute

// upload takes the file of an import job at the address that the job was given (PUT), and answers as S3 does. The
// headers that say how a file is to be encrypted are taken: every file is.
func (d *Door) upload(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut {
		w.Header().Set("Allow", http.MethodPut)
		refuseFile(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
		return
	}
	if r.ContentLength > userimport.MaxFile {
		refuseLargeFile(w)
		return
	}
	query := r.URL.Query()
	address := userimport.Address{
		PoolID: r.PathValue("pool"), JobID: r.PathValue("job"),
		Date: query.Get("X-Amz-Date"), Validity: query.Get("X-Amz-Expires"), Signature: query.Get("X-Amz-Signature"),
	}
	body := &patientBody{body: http.MaxBytesReader(w, r.Body, userimport.MaxFile), control: http.NewResponseController(w)}
	err := d.Uploads.Upload(r.Context(), address, body)
	var large *http.MaxBytesError
	switch {
	case err == nil:
		w.WriteHeader(http.StatusOK)
	case errors.Is(err, userimport.ErrSignature):
		refuseFile(w, http.StatusForbidden, "SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided.")
	case errors.Is(err, userimport.ErrExpired):
		refuseFile(w, http.StatusForbidden, "AccessDenied", "Request has expired")
	case errors.Is(err, userimport.ErrStarted):
		refuseFile(w, http.StatusForbidden, "AccessDenied", "The user import job has been started or is over.")
	case errors.Is(err, userimport.ErrTooLarge) || errors.As(err, &large):
		refuseLargeFile(w)
	case errors.Is(err, userimport.ErrBusy):
		refuseFile(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
	case body.failed != nil:
		refuseFile(w, http.StatusBadRequest, "IncompleteBody", "The request body terminated unexpectedly.")
	default:
		d.Log.ErrorContext(r.Context(), "a file of users cannot be stored", "error", err)
		refuseFile(w, http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
	}
}

// patientBody reads a body whose client has time for each piece, however long the whole takes.
type patientBody struct {
	body    io.Reader
	control *http.ResponseController
	left    int // of the present piece
	failed  error
}

// Read moves the deadlines of the connection with every piece, not with every byte.
func (b *patientBody) Read(p []byte) (n int, err error) {
	if b.left == 0 {
		now := time.Now()
		b.control.SetReadDeadline(now.Add(partPatience)) // what cannot set one has none
		b.control.SetWriteDeadline(now.Add(2 * partPatience))
		b.left = userpool.ImportPartSize
	}
	n, err = b.body.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err != nil && err != io.EOF {
		b.failed = err
	}
	return n, err
}

func refuseLargeFile(w http.ResponseWriter) {
	refuseFile(w, http.StatusRequestEntityTooLarge, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
}

// refuseFile answers with an error in the form of S3.
func refuseFile(w http.ResponseWriter, status int, code, message string) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	err := xml.NewEncoder(&b).Encode(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message})
	if err != nil {
		panic(err) // text of this file
	}
	w.Header().Set("Connection", "close") // what is left of the body is not read
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// importLog shows what became of each row of a file, as far as the job is.
func (d *Door) importLog(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	counted := &countedWriter{to: w}
	err := userimport.WriteLog(r.Context(), d.Store, counted, r.PathValue("pool"), r.PathValue("job"))
	switch {
	case err == nil:
	case errors.Is(err, userpool.ErrNotFound):
		refuse(w, http.StatusNotFound, "There is no such import job.")
	case counted.written > 0:
		panic(http.ErrAbortHandler) // so that nobody takes it for the whole
	default:
		d.Log.ErrorContext(r.Context(), "the log of an import cannot be read", "error", err)
		refuse(w, http.StatusInternalServerError, "The log cannot be read. The server's log says why.")
	}
}

type countedWriter struct {
	to      io.Writer
	written int
}

func (c *countedWriter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.written += n
	return n, err
}
