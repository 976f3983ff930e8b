using System.Diagnostics;
using Xunit;

namespace Trt.Tests.Goldens;

/// <summary>The damaged ONNX files of the goldens, unpacked once.</summary>
internal static class DamagedModels
{
    private static readonly Lazy<string?> Unpacked = new(Unpack);

    /// <summary>Their folder; the test is skipped where tar cannot unpack xz.</summary>
    public static string Folder
    {
        get
        {
            Skip.If(Unpacked.Value is null, "damaged_onnx.tar.xz cannot be unpacked: install tar and xz-utils.");
            return Unpacked.Value!;
        }
    }

    /// <summary>Where a damaged file of the goldens lies.</summary>
    public static string PathOf(string name) => name switch
    {
        "no_such_file" => Path.Combine(Folder, name),
        "a_folder_as_file" => Folder,
        _ => Path.Combine(Folder, name + ".onnx"),
    };

    private static string? Unpack()
    {
        string folder = Directory.CreateTempSubdirectory("trt-damaged-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        try
        {
            using Process tar = Process.Start("tar", ["-xJf", GoldenFiles.Path("damaged_onnx.tar.xz"), "-C", folder, "--strip-components=1"]);
            tar.WaitForExit();

            // The data file that the models with external data name: six floats.
            File.WriteAllBytes(Path.Combine(folder, "weights.bin"), new byte[24]);
            return tar.ExitCode == 0 ? folder : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
