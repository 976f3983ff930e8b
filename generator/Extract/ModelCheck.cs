using Trt.Generator.Model;

namespace Trt.Generator.Extract;

/// <summary>Compares committed models with what their headers give now.</summary>
internal static class ModelCheck
{
    /// <summary>Extracts every release of a folder of header folders again and names each model file that would change.</summary>
    /// <param name="clang">Compiler.</param>
    /// <param name="headers">Folder as <see cref="ReleaseFolders"/> describes it.</param>
    /// <param name="models">Folder of the committed models.</param>
    /// <returns>Sentences; none when nothing would change.</returns>
    /// <exception cref="ExtractException">Headers are missing or not understood.</exception>
    public static IEnumerable<string> Differences(ClangCompiler clang, string headers, string models)
    {
        foreach (ExtractRequest request in ReleaseFolders.Find(headers))
        {
            ApiModel model = request.Extract(clang);
            string path = Path.Combine(models, model.FileName);
            if (!File.Exists(path))
            {
                yield return $"{path} does not exist. Write it with `trt-generator extract --headers {headers} --output {models}`.";
                continue;
            }
            string[] committed = File.ReadAllLines(path);
            string[] now = ApiModelWriter.Write(model).TrimEnd('\n').Split('\n');
            int line = committed.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
            if (line < Math.Max(committed.Length, now.Length))
            {
                yield return $"{path}:{line + 1}: the headers say something else. Write it anew with `trt-generator extract --headers {headers} --output {models}`.";
            }
        }
    }
}
