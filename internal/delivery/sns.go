package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// SNSConfig says how to reach Amazon SNS, or a service that speaks its protocol.
type SNSConfig struct {
	Endpoint        string // URL; "": the region's endpoint at AWS
	Region          string // of the signature
	AccessKeyID     string
	SecretAccessKey Secret
	SenderID        string        // shown as the sender where the country allows: 1 to 11 letters and digits, one letter or more; "": none
	Timeout         time.Duration // for one attempt; default 10 s
	RetryPause      time.Duration // at most, before the only second attempt when throttled; default 1 s

	Log *slog.Logger // default slog.Default
}

// SNS sends SMS messages by SNS's operation Publish.
type SNS struct {
	SNSConfig
	client *sns.Client
}

var senderID = regexp.MustCompile(`^[0-9A-Za-z]{1,11}$`)

// NewSNS checks the configuration and reports every fault at once. It does not connect.
func NewSNS(c SNSConfig) (*SNS, error) {
	c.Timeout = orDefault(c.Timeout, 10*time.Second)
	c.RetryPause = orDefault(c.RetryPause, time.Second)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	var faults []error
	if c.Region == "" {
		faults = append(faults, errors.New("sns: a region is needed"))
	}
	if c.AccessKeyID == "" || c.SecretAccessKey == "" {
		faults = append(faults, errors.New("sns: an access key id and a secret access key are needed"))
	}
	if c.Endpoint != "" {
		if u, err := url.Parse(c.Endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			faults = append(faults, errors.New("sns: the endpoint must be a URL that begins with https:// or http://"))
		}
	}
	if c.SenderID != "" && (!senderID.MatchString(c.SenderID) || strings.Trim(c.SenderID, "0123456789") == "") {
		faults = append(faults, errors.New("sns: a sender id has 1 to 11 letters and digits, and at least one letter"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	options := sns.Options{
		Region:      c.Region,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKeyID, string(c.SecretAccessKey), ""),
		HTTPClient: &http.Client{
			Timeout:       c.Timeout,
			Transport:     boundedAnswers{http.DefaultTransport.(*http.Transport).Clone()},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		// A message that may have been sent is not sent again: only what was refused for now is.
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 2
			o.MaxBackoff = c.RetryPause
			o.Retryables = []retry.IsErrorRetryable{
				retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
				retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}, http.StatusServiceUnavailable: {}}},
			}
		}),
	}
	if c.Endpoint != "" {
		options.BaseEndpoint = aws.String(c.Endpoint)
	}
	return &SNS{SNSConfig: c, client: sns.New(options)}, nil
}

// Deliver publishes the letter to the phone number. SNS accepts messages that it later does not deliver
// (sandbox, opt-out, spending limit); those count as sent.
func (s *SNS) Deliver(ctx context.Context, l *Letter) error {
	attributes := map[string]types.MessageAttributeValue{"AWS.SNS.SMS.SMSType": text("Transactional")}
	if s.SenderID != "" {
		attributes["AWS.SNS.SMS.SenderID"] = text(s.SenderID)
	}
	_, err := s.client.Publish(ctx, &sns.PublishInput{
		PhoneNumber:       aws.String(l.Message.To),
		Message:           aws.String(l.Text),
		MessageAttributes: attributes,
	})
	if err == nil {
		return nil
	}
	refused := snsErrorOf(err)
	s.Log.WarnContext(ctx, "the SMS service did not take a message",
		"sns", refused, "pool", l.Message.Pool.ID, "purpose", l.Message.Purpose)
	return refused.told()
}

func text(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
}

// snsError is a refused or failed publication, without words of the service.
type snsError struct {
	status  int    // HTTP status; 0 without an answer
	code    string // the service's error code; "" without a readable one
	timeout bool
	cause   string // for the log, of failures that are not the service's words
}

var snsCode = regexp.MustCompile(`^[A-Za-z0-9.]{1,64}$`)

func snsErrorOf(err error) *snsError {
	e := &snsError{}
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.HTTPStatusCode() != 0 {
		e.status = answer.HTTPStatusCode()
		if refusal, ok := errors.AsType[smithy.APIError](err); ok && snsCode.MatchString(refusal.ErrorCode()) {
			e.code = refusal.ErrorCode()
		}
		return e
	}
	network, ok := errors.AsType[net.Error](err)
	e.timeout = ok && network.Timeout() || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	if op, ok := errors.AsType[*net.OpError](err); ok {
		e.cause = cut(op.Error())
	}
	return e
}

// LogValue gives status and code.
func (e *snsError) LogValue() slog.Value {
	if e.status == 0 {
		return slog.GroupValue(slog.Bool("timeout", e.timeout), slog.String("cause", e.cause))
	}
	return slog.GroupValue(slog.Int("status", e.status), slog.String("code", e.code))
}

// told is what the caller may know.
func (e *snsError) told() *userpool.Error {
	switch {
	case e.code == "AuthorizationError" || e.code == "AccessDenied":
		return userpool.NewError(userpool.InvalidSMSRoleAccessPolicy, "Role does not have permission to publish with SNS")
	case e.status == http.StatusTooManyRequests || e.status >= 500 || strings.HasPrefix(e.code, "Throttl"):
		return failure("The SMS service does not take the message at the moment.")
	case e.status != 0:
		return failure("The SMS service refused the message.")
	case e.timeout:
		return failure("The SMS service did not answer in time.")
	}
	return failure("The SMS service cannot be reached.")
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// boundedAnswers cuts the bodies of answers.
type boundedAnswers struct{ http.RoundTripper }

func (b boundedAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("sns: %w", err)
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}
