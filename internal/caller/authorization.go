package caller

import (
	"net/http"
	"slices"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	maxAuthorization = 8 << 10 // bytes of the header
	maxSignedHeaders = 64
	maxShown         = 256 // bytes of the client's text that an error repeats
)

// authorization is a taken-apart Authorization header:
//
//	AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/<terminator>, SignedHeaders=<a;b>, Signature=<hex>
type authorization struct {
	keyID, date, region, service, terminator string
	signedHeaders                            []string // lower-case, ascending
	signature                                string
}

// parseAuthorization reads the header of r. With needDate a request without any date is incomplete.
func parseAuthorization(r *http.Request, needDate bool) (*authorization, error) {
	for _, name := range [...]string{"Authorization", "X-Amz-Date", "X-Amz-Target"} {
		if len(r.Header.Values(name)) > 1 {
			return nil, wire.IncompleteSignatureException("The header '" + name + "' must be sent once.")
		}
	}
	header := r.Header.Get("Authorization")
	if header == "" {
		if strings.Contains(r.URL.RawQuery, "X-Amz-Signature=") {
			return nil, wire.IncompleteSignatureException("A signature in the query string is not supported: send it in the Authorization header.")
		}
		return nil, wire.MissingAuthenticationTokenException("Missing Authentication Token")
	}
	if len(header) > maxAuthorization {
		return nil, wire.IncompleteSignatureException("The Authorization header is too long.")
	}

	params, err := parameters(header)
	if err != nil {
		return nil, err
	}
	var missing strings.Builder
	for _, name := range [...]string{"Credential", "Signature", "SignedHeaders"} {
		if params[name] == "" {
			missing.WriteString("Authorization header requires '" + name + "' parameter. ")
		}
	}
	if needDate && r.Header.Get("X-Amz-Date") == "" && r.Header.Get("Date") == "" {
		missing.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if missing.Len() > 0 {
		return nil, wire.IncompleteSignatureException(missing.String() + "Authorization=" + shown(header))
	}

	scope := strings.Split(params["Credential"], "/")
	if len(scope) != 5 || slices.Contains(scope, "") {
		return nil, wire.IncompleteSignatureException("Credential must have exactly 5 slash-delimited elements, " +
			"e.g. keyid/date/region/service/term, got '" + shown(params["Credential"]) + "'")
	}
	names := strings.Split(params["SignedHeaders"], ";")
	if len(names) > maxSignedHeaders {
		return nil, wire.IncompleteSignatureException("Authorization header has too many 'SignedHeaders'.")
	}
	for i, name := range names {
		if name == "" || name != strings.ToLower(name) || i > 0 && names[i-1] >= name {
			return nil, wire.IncompleteSignatureException("'SignedHeaders' must be lower-case header names in ascending order, separated by semicolons.")
		}
	}
	return &authorization{
		keyID: scope[0], date: scope[1], region: scope[2], service: scope[3], terminator: scope[4],
		signedHeaders: names,
		signature:     params["Signature"],
	}, nil
}

// parameters takes the parameters of a header of our algorithm; those of any other are not looked at.
func parameters(header string) (map[string]string, error) {
	params := make(map[string]string, 3)
	scheme, rest, _ := strings.Cut(header, " ")
	if scheme != algorithm {
		return params, nil
	}
	for param := range strings.SplitSeq(rest, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(param), "=")
		if !found {
			continue
		}
		if _, twice := params[name]; twice {
			return nil, wire.IncompleteSignatureException("Authorization header must have each parameter once. Authorization=" + shown(header))
		}
		params[name] = value
	}
	return params, nil
}

// shown cuts text of the client to what an error may repeat.
func shown(text string) string {
	if len(text) > maxShown {
		text = text[:maxShown] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}
