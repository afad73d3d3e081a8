package console

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"time"
)

const (
	maxAdvance   = 10 * 365 * 24 * time.Hour // in one request
	maxClockBody = 4 << 10
)

// lastYear is the year in which the clock stops, so that every date keeps its four digits.
const lastYear = 9000

type clock struct {
	Now string `json:"now"` // RFC 3339, UTC
}

// clock says the server's time; POST {"advance":"25h"} moves it on first. Durations are Go's.
func (d *Door) clock(w http.ResponseWriter, r *http.Request) {
	now := d.Now()
	if r.Method == http.MethodPost {
		by, sentence, status := readAdvance(w, r)
		if sentence == "" && now.Add(by).Year() >= lastYear {
			sentence, status = "The clock cannot go beyond the year 9000.", http.StatusBadRequest
		}
		if sentence != "" {
			refuse(w, status, sentence)
			return
		}
		now = d.Advance(by)
	}
	answer(w, http.StatusOK, clock{now.UTC().Format(time.RFC3339Nano)})
}

// readAdvance reads the body, or says what is wrong with it.
func readAdvance(w http.ResponseWriter, r *http.Request) (by time.Duration, sentence string, status int) {
	if t := r.Header.Get("Content-Type"); t != "" {
		if media, _, err := mime.ParseMediaType(t); err != nil || media != "application/json" {
			return 0, "Send the header Content-Type: application/json.", http.StatusUnsupportedMediaType
		}
	}
	const form = `The body must be JSON such as {"advance":"25h"}.`
	var in struct {
		Advance *string `json:"advance"`
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxClockBody))
	body.DisallowUnknownFields()
	if err := body.Decode(&in); err != nil || in.Advance == nil {
		return 0, form, http.StatusBadRequest
	}
	if _, err := body.Token(); err != io.EOF {
		return 0, form, http.StatusBadRequest
	}
	by, err := time.ParseDuration(*in.Advance)
	switch {
	case err != nil:
		return 0, "advance must be a duration such as 90s, 15m or 25h.", http.StatusBadRequest
	case by < 0:
		return 0, "The clock only goes forward: advance must not be negative.", http.StatusBadRequest
	case by > maxAdvance:
		return 0, "advance must not be more than 87600h (ten years) at a time.", http.StatusBadRequest
	}
	return by, "", 0
}
