package userpool

import "errors"

// ErrorCode is the kind of an Error: the name of the API's exception without its ending. Each door turns it
// into its own form.
type ErrorCode string

// The codes that the core uses. Texts are contract: programs compare them.
const (
	AliasExists                     ErrorCode = "AliasExists"
	CodeDeliveryFailure             ErrorCode = "CodeDeliveryFailure"
	CodeMismatch                    ErrorCode = "CodeMismatch"
	ConcurrentModification          ErrorCode = "ConcurrentModification"
	DuplicateProvider               ErrorCode = "DuplicateProvider"
	ExpiredCode                     ErrorCode = "ExpiredCode"
	FeatureUnavailableInTier        ErrorCode = "FeatureUnavailableInTier"
	GroupExists                     ErrorCode = "GroupExists"
	InvalidEmailRoleAccessPolicy    ErrorCode = "InvalidEmailRoleAccessPolicy"
	InvalidOAuthFlow                ErrorCode = "InvalidOAuthFlow"
	InvalidParameter                ErrorCode = "InvalidParameter"
	InvalidPassword                 ErrorCode = "InvalidPassword"
	InvalidSMSRoleAccessPolicy      ErrorCode = "InvalidSmsRoleAccessPolicy"
	InvalidSMSRoleTrustRelationship ErrorCode = "InvalidSmsRoleTrustRelationship"
	InvalidUserPoolConfiguration    ErrorCode = "InvalidUserPoolConfiguration"
	LimitExceeded                   ErrorCode = "LimitExceeded"
	ManagedLoginBrandingExists      ErrorCode = "ManagedLoginBrandingExists"
	NotAuthorized                   ErrorCode = "NotAuthorized"
	OperationNotEnabled             ErrorCode = "OperationNotEnabled"
	PasswordHistoryPolicyViolation  ErrorCode = "PasswordHistoryPolicyViolation"
	PasswordResetRequired           ErrorCode = "PasswordResetRequired"
	PreconditionNotMet              ErrorCode = "PreconditionNotMet"
	RefreshTokenReuse               ErrorCode = "RefreshTokenReuse"
	ResourceNotFound                ErrorCode = "ResourceNotFound"
	ScopeDoesNotExist               ErrorCode = "ScopeDoesNotExist"
	ServiceQuotaExceeded            ErrorCode = "ServiceQuotaExceeded"
	TierChangeNotAllowed            ErrorCode = "TierChangeNotAllowed"
	TermsExists                     ErrorCode = "TermsExists"
	TooManyRequests                 ErrorCode = "TooManyRequests"
	Unauthorized                    ErrorCode = "Unauthorized"
	UnexpectedLambda                ErrorCode = "UnexpectedLambda"
	UnsupportedIdentityProvider     ErrorCode = "UnsupportedIdentityProvider"
	UnsupportedOperation            ErrorCode = "UnsupportedOperation"
	UnsupportedTokenType            ErrorCode = "UnsupportedTokenType"
	UnsupportedUserState            ErrorCode = "UnsupportedUserState"
	UserImportInProgress            ErrorCode = "UserImportInProgress"
	UserNotConfirmed                ErrorCode = "UserNotConfirmed"
	UserNotFound                    ErrorCode = "UserNotFound"
	UserPoolAddOnNotEnabled         ErrorCode = "UserPoolAddOnNotEnabled"
	UserPoolTagging                 ErrorCode = "UserPoolTagging"
	UsernameExists                  ErrorCode = "UsernameExists"
)

// Error is what a caller may be told. Its message holds no secret and nothing that another system said.
// Any other error is internal: a door logs it and tells the caller nothing.
type Error struct {
	Code    ErrorCode
	Message string
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// NewError makes an Error.
func NewError(code ErrorCode, message string) *Error { return &Error{Code: code, Message: message} }

// IsCode reports whether err is an Error of that code.
func IsCode(err error, code ErrorCode) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// What a store answers. Anything else that it returns is an internal error.
var (
	// ErrNotFound says that the row that was asked for is not there.
	ErrNotFound = errors.New("userpool: not found")
	// ErrExists says that a row with this unique value is there already.
	ErrExists = errors.New("userpool: exists already")
	// ErrVersion says that a document was changed since it was read.
	ErrVersion = errors.New("userpool: changed in between")
)

// The errors that more than one room gives. Sources: the service's recorded answers.

func NoSuchPool(id string) *Error {
	return NewError(ResourceNotFound, "User pool "+id+" does not exist.")
}

func NoSuchClient(id string) *Error {
	return NewError(ResourceNotFound, "User pool client "+id+" does not exist.")
}

func NoSuchGroup() *Error { return NewError(ResourceNotFound, "Group not found.") }

// NoSuchUser is for operations that name a user with an administrator's right or by token.
func NoSuchUser() *Error { return NewError(UserNotFound, "User does not exist.") }

// NoSuchUserOfClient is for the public operations of confirmation and recovery.
func NoSuchUserOfClient() *Error {
	return NewError(UserNotFound, "Username/client id combination not found.")
}

func WrongPassword() *Error { return NewError(NotAuthorized, "Incorrect username or password.") }

func UserDisabled() *Error { return NewError(NotAuthorized, "User is disabled.") }

func NotConfirmed() *Error { return NewError(UserNotConfirmed, "User is not confirmed.") }

func ResetRequired() *Error {
	return NewError(PasswordResetRequired, "Password reset required for the user")
}

func WrongCode() *Error {
	return NewError(CodeMismatch, "Invalid verification code provided, please try again.")
}

func NoLiveCode() *Error {
	return NewError(ExpiredCode, "Invalid code provided, please request a code again.")
}

func AttemptLimit() *Error {
	return NewError(LimitExceeded, "Attempt limit exceeded, please try after some time.")
}

// Overloaded is the answer when the queue of expensive arithmetic is full.
func Overloaded() *Error { return NewError(TooManyRequests, "Rate exceeded") }

// AliasTaken names the attribute (email, phone_number, preferred_username) whose value another user has.
func AliasTaken(attribute string) *Error {
	return NewError(AliasExists, "An account with the "+attribute+" already exists.")
}

// OrNotFound replaces ErrNotFound by what the caller is to be told, and leaves any other error, or nil.
func OrNotFound(err error, told *Error) error {
	if errors.Is(err, ErrNotFound) {
		return told
	}
	return err
}
