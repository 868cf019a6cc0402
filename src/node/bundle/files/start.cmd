@echo off
rem Starts Drydock on Windows with what is there: Node.js 18 or later, else Python 3.7 or later.
cd /d "%~dp0"
where node >nul 2>nul
if %errorlevel%==0 (
  node serve.mjs %*
  goto end
)
where py >nul 2>nul
if %errorlevel%==0 (
  py -3 serve.py %*
  goto end
)
where python >nul 2>nul
if %errorlevel%==0 (
  python serve.py %*
  goto end
)
echo Drydock needs Node.js 18 or later, or Python 3.7 or later: install one of them (nodejs.org, python.org), then start this again.
:end
pause
