## Sign-out
logout-title = Do you want to sign out?
logout-lead = This ends your session in this browser.
logout-confirm = Sign out
logout-stay = Stay here
logged-out-title = You are signed out
logged-out-lead = Your session has ended. If this device is not yours, close the browser, too.
logged-out-again = Sign in again
logged-out-unregistered = The service asked us to send you to an address that it has not registered here. We did not follow it.
logged-out-telling = We are telling the services that you used. Then you go on by yourself.
logged-out-onward = Back to the service
logged-out-frame = Sign-out notice to a service
