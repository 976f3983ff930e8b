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
        _ => Made(name, Path.Combine(Folder, name + ".onnx")),
    };

    /// <summary>The files that are lenet.onnx with a change that their names tell are made from it.</summary>
    private static string Made(string name, string path)
    {
        if (File.Exists(path))
        {
            return path;
        }

        byte[] model = File.ReadAllBytes(ModelFiles.Find("lenet.onnx"));
        switch (name.Split('_'))
        {
            case ["flip", _, ['b', 'y', 't', 'e', .. string place], ['b', 'i', 't', .. string bit]]:
                model[int.Parse(place)] ^= (byte)(1 << int.Parse(bit));
                break;
            case ["truncated", string length]:
                model = model[..int.Parse(length)];
                break;
            case ["lenet", "wrong", "weights", "dims"]:
                // The dims of conv1.weight become 20 and -1 (a varint of ten bytes); graph and tensor grow by five.
                model[20] += 5;
                model[1263] += 5;
                model = [.. model[..1268], .. Enumerable.Repeat((byte)0xFF, 9), 1, .. model[1273..]];
                break;
            default:
                throw new FileNotFoundException($"The goldens have no damaged model {name}.");
        }

        File.WriteAllBytes(path, model);
        return path;
    }

    /// <summary>Beside the tests, where the next run finds them.</summary>
    private static string? Unpack()
    {
        string packed = GoldenFiles.Path("damaged_onnx.tar.xz");
        string folder = Path.Combine(AppContext.BaseDirectory, "damaged");
        string last = Path.Combine(folder, "weights.bin");
        if (File.GetLastWriteTimeUtc(last) > File.GetLastWriteTimeUtc(packed))
        {
            return folder;
        }

        try
        {
            Directory.CreateDirectory(folder);
            using Process tar = Process.Start("tar", ["-xJf", packed, "-C", folder, "--strip-components=1"]);
            tar.WaitForExit();
            if (tar.ExitCode != 0)
            {
                return null;
            }

            // The data file that the models with external data name: six floats.
            File.WriteAllBytes(last, new byte[24]);
            return folder;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
