package account

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// MFAOption is a way of the second factor as the older operations name it: a medium and the attribute that it goes to.
type MFAOption struct{ Medium, Attribute string }

// SetOptions switches a user's second factor by SMS on, or with no option off (SetUserSettings, AdminSetUserSettings).
// Those operations know no other factor.
func (s *Service) SetOptions(ctx context.Context, key userpool.UserKey, options []MFAOption) error {
	for _, o := range options {
		if o != (MFAOption{"SMS", userpool.PhoneNumber}) {
			return userpool.NewError(userpool.InvalidParameter, "MFA options can only be SMS to phone_number.")
		}
	}
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		on := len(options) > 0
		if on && u.Attributes.Get(userpool.PhoneNumber) == "" {
			return userpool.NewError(userpool.InvalidParameter, "User does not have delivery config set to turn on "+userpool.SMSMFA)
		}
		preferred := u.MFA.Preferred
		if u.MFA.Drop(userpool.SMSMFA); on {
			u.MFA = userpool.MFA{Enabled: append(u.MFA.Enabled, userpool.SMSMFA), Preferred: preferred, Options: true}
		}
		return tx.UpdateUser(ctx, u)
	})
}
