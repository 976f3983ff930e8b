using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>A decoder's shared library of the system, found by its usual names.</summary>
internal static class NativeCodec
{
    /// <summary>Loads the first that is there.</summary>
    /// <exception cref="DllNotFoundException">None is; the message says what to install.</exception>
    public static nint Load(string what, string debianPackage, string homebrewFormula, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library) || NativeLibrary.TryLoad(System.IO.Path.Combine(AppContext.BaseDirectory, name), out library))
            {
                return library;
            }
        }

        throw new DllNotFoundException($"{what} need {string.Join(" or ", names.ToArray())}, which is not on this machine. To install it: apt-get install {debianPackage} (Debian, Ubuntu), brew install {homebrewFormula} (macOS), or put the DLL beside the program (Windows).");
    }
}
