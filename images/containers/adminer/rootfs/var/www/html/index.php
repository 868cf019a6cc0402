<?php
// The server that the form begins with: ADMINER_DEFAULT_SERVER, or db, as in most compose files.
if (!isset($_GET['username']) && !isset($_GET['server']) && !isset($_POST['auth'])) {
    $_GET['server'] = getenv('ADMINER_DEFAULT_SERVER') ?: 'db';
}
require __DIR__ . '/adminer.php';
