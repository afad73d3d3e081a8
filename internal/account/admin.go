package account

import (
	"context"
	"slices"

	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Invitation is what an administrator gives to create a user (AdminCreateUser).
type Invitation struct {
	Pool              *userpool.Pool
	Username          string
	TemporaryPassword string // "" to draw one
	Attributes        userpool.Attributes
	Mediums           []userpool.Medium // nil: by SMS to who has a phone number, else by email
	Suppress          bool              // send nothing
	Resend            bool              // invite an existing user again
	ForceAlias        bool              // take aliases away from who has them
}

// Invite creates a user with a temporary password, or renews that of one who has not signed in yet, and
// sends the invitation. With an error of the sending the user stays, and is returned too.
func (s *Service) Invite(ctx context.Context, in Invitation) (*userpool.User, error) {
	if in.TemporaryPassword != "" {
		if err := in.Pool.CheckPasswordOfAdmin(in.TemporaryPassword); err != nil {
			return nil, err
		}
	}
	var (
		u        *userpool.User
		password string
		err      error
	)
	if in.Resend {
		u, password, err = s.reinvite(ctx, in)
	} else {
		u, password, err = s.invite(ctx, in)
	}
	if err != nil {
		return nil, err
	}
	mediums, _ := in.mediums(u.Attributes)
	for _, medium := range mediums {
		m := userpool.Message{
			Purpose: userpool.MessageInvitation, Medium: medium, To: u.Attributes.Get(attributeOf(medium)),
			Pool: in.Pool, Username: in.shownName(u), Code: password,
		}
		if sent := s.send(ctx, m); sent != nil && err == nil {
			err = sent
		}
	}
	return u, err
}

// invite creates the user.
func (s *Service) invite(ctx context.Context, in Invitation) (*userpool.User, string, error) {
	pool := in.Pool
	attribute, err := pool.CheckUsername(in.Username)
	if err != nil {
		return nil, "", err
	}
	given, err := fill(in.Attributes, attribute, in.Username)
	if err != nil {
		return nil, "", err
	}
	attributes, err := pool.CheckAdminCreate(given)
	if err != nil {
		return nil, "", err
	}
	text := in.TemporaryPassword
	if text == "" && !pool.Passwordless() {
		text = pool.NewTemporaryPassword()
	}
	status := userpool.ForceChangePassword
	if text == "" {
		status = userpool.Confirmed
	}
	u := newUser(pool, in.Username, attributes, status, s.now())
	if err := s.checkFree(ctx, pool, in.Username, u, accountExists()); err != nil {
		return nil, "", err
	}
	if err := pool.Invoke(userpool.PreSignUp); err != nil {
		return nil, "", err
	}
	if err := s.sendable(in, attributes); err != nil {
		return nil, "", err
	}
	var computed *userpool.Password
	if text != "" {
		if computed, err = s.Passwords.New(ctx, pool, u.Username, text, true); err != nil {
			return nil, "", err
		}
	}
	err = s.insert(ctx, pool, u, func(tx userpool.Tx) error {
		if err := orTaken(accountExists())(nameTaken(ctx, tx, pool, in.Username)); err != nil {
			return err
		}
		if err := makeRoom(ctx, tx, in, u); err != nil {
			return err
		}
		if err := tx.CreateUser(ctx, u, pool.Fold(u.Username)); err != nil {
			return err
		}
		if err := userpool.UpdateAliases(ctx, tx, pool, u); err != nil {
			return err
		}
		if computed == nil {
			return nil
		}
		return password.Put(ctx, tx, pool, u.Key, computed)
	})
	return u, text, err
}

// makeRoom takes the new user's aliases from who has them, or answers that they are taken.
func makeRoom(ctx context.Context, tx userpool.Tx, in Invitation, u *userpool.User) error {
	for _, alias := range in.Pool.AliasesOf(u) {
		attribute := alias.Attribute
		holder, err := userpool.AliasHolder(ctx, tx, in.Pool, u, attribute)
		switch {
		case err != nil:
			return err
		case holder == (userpool.UserKey{}):
			continue
		case !in.ForceAlias || in.Pool.UsernameAttribute(attribute) || attribute == userpool.PreferredUsername:
			return givenTaken(attribute)
		}
		if err := dispossess(ctx, tx, holder, attribute, u.Created); err != nil {
			return err
		}
	}
	return nil
}

// reinvite gives a user who has not signed in yet another temporary password with a new expiry.
func (s *Service) reinvite(ctx context.Context, in Invitation) (*userpool.User, string, error) {
	present, err := s.Find(ctx, in.Pool, in.Username)
	if err != nil {
		return nil, "", err
	}
	if err := awaited(present); err != nil {
		return nil, "", err
	}
	if err := s.sendable(in, present.Attributes); err != nil {
		return nil, "", err
	}
	text := in.TemporaryPassword
	if text == "" {
		text = in.Pool.NewTemporaryPassword()
	}
	computed, err := s.Passwords.New(ctx, in.Pool, present.Username, text, true)
	if err != nil {
		return nil, "", err
	}
	var u *userpool.User
	err = s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
		if u, err = tx.User(ctx, present.Key); err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		if err := awaited(u); err != nil {
			return err
		}
		u.Modified = computed.Set
		if err := tx.UpdateUser(ctx, u); err != nil {
			return err
		}
		return password.Put(ctx, tx, in.Pool, u.Key, computed)
	})
	return u, text, err
}

// awaited says why a user cannot be invited again, if so.
func awaited(u *userpool.User) error {
	if u.Status == userpool.ForceChangePassword {
		return nil
	}
	return userpool.NewError(userpool.UnsupportedUserState,
		"Resend not possible. "+u.Username+" status is not FORCE_CHANGE_PASSWORD")
}

func accountExists() *userpool.Error {
	return userpool.NewError(userpool.UsernameExists, "User account already exists")
}

// sendable checks that the invitation can be sent, as far as it can be known before.
func (s *Service) sendable(in Invitation, attributes userpool.Attributes) error {
	mediums, err := in.mediums(attributes)
	if err != nil {
		return err
	}
	for _, medium := range mediums {
		if err := in.Pool.InvokeFor(medium); err != nil {
			return err
		}
		// A message that cannot be made is a fault of the pool; one that cannot be sent leaves the user.
		if err := s.Messenger.CanSend(in.Pool, medium, userpool.MessageInvitation); userpool.IsCode(err, userpool.InvalidParameter) {
			return err
		}
	}
	return nil
}

// mediums are the ways of the invitation: those asked for that the user has an address for. It is an error
// if some were asked for and none is possible.
func (in Invitation) mediums(attributes userpool.Attributes) ([]userpool.Medium, error) {
	if in.Suppress {
		return nil, nil
	}
	desired := in.Mediums
	switch {
	case len(desired) > 0:
	case attributes.Get(userpool.PhoneNumber) != "":
		desired = []userpool.Medium{userpool.BySMS}
	default:
		desired = []userpool.Medium{userpool.ByEmail}
	}
	var possible []userpool.Medium
	for _, medium := range desired {
		if attributes.Get(attributeOf(medium)) != "" && !slices.Contains(possible, medium) {
			possible = append(possible, medium)
		}
	}
	if len(possible) == 0 && len(in.Mediums) > 0 {
		text := "No email provided but desired delivery medium was Email"
		if in.Mediums[0] == userpool.BySMS {
			text = "No phone number provided but desired delivery medium was SMS"
		}
		return nil, userpool.NewError(userpool.InvalidParameter, text)
	}
	return possible, nil
}

// attributeOf is the attribute that holds the address for a medium.
func attributeOf(medium userpool.Medium) string {
	if medium == userpool.BySMS {
		return userpool.PhoneNumber
	}
	return userpool.Email
}

// shownName is the user name in the invitation: what the user will sign in with, not a sub.
func (in Invitation) shownName(u *userpool.User) string {
	for _, attribute := range contacts {
		if in.Pool.UsernameAttribute(attribute) && u.Attributes.Get(attribute) != "" {
			return u.Attributes.Get(attribute)
		}
	}
	return u.Username
}

// Delete removes the user with everything that is theirs.
func (s *Service) Delete(ctx context.Context, key userpool.UserKey) error {
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		return userpool.OrNotFound(tx.DeleteUser(ctx, key), userpool.NoSuchUser())
	})
}
