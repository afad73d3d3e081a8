package cognito

import (
	"context"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// withUserContext adds to a request what an app says of its user's device. An address is believed only from an app client
// with a secret that may pass it on (EnablePropagateAdditionalUserContextData).
func (a *API) withUserContext(ctx context.Context, client *userpool.Client, in *wire.UserContextDataType) context.Context {
	if in == nil {
		return ctx
	}
	claim := risk.Claim{EncodedData: in.EncodedData}
	passesOn := client.Settings.EnablePropagateAdditionalUserContextData
	if passesOn != nil && *passesOn && len(client.Secrets) > 0 {
		claim.Address = in.IPAddress
	}
	return userpool.WithClientContext(ctx, a.Risk.ClientContext(ctx, client.ID, claim))
}

// withContextData adds to a request what a server says of the request that it had from its user.
func (a *API) withContextData(ctx context.Context, client *userpool.Client, in *wire.ContextDataType) context.Context {
	if in == nil {
		return ctx
	}
	claim := risk.Claim{Address: in.IPAddress, EncodedData: in.EncodedData}
	for _, h := range in.HTTPHeaders {
		if strings.EqualFold(h.HeaderName, "User-Agent") {
			claim.UserAgent = h.HeaderValue
		}
	}
	return userpool.WithClientContext(ctx, a.Risk.ClientContext(ctx, client.ID, claim))
}
